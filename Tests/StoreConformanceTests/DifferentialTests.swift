import MartletCore
import StoreConformance
import Testing

@Suite("Every store answers like the specification", .timeLimit(.minutes(5)))
struct DifferentialTests {
    @Test("Random operations are answered alike", arguments: Subjects.all, 1...20)
    func randomOperationsAreAnsweredAlike(_ subject: StoreFactory, _ seed: UInt64) async throws {
        try await DifferentialRunner(seed: seed, operations: 400, subject: subject).run()
    }

    @Test("A store that answers differently is found out, and the operations that show it are few")
    func aStoreThatAnswersDifferentlyIsFoundOut() async throws {
        let broken = StoreFactory(name: "broken") { BrokenStore(MemoryStore(environment: $0), .forgetsDeadlines) }
        let divergence = try await #require(throws: Divergence.self) {
            try await DifferentialRunner(seed: 1, operations: 2000, subject: broken).run()
        }
        #expect(divergence.operations.count < 12, "\(divergence)")
        #expect(divergence.description.contains("seed 1"))
    }
}
