import MartletCore
import PostgresStore
import StoreConformance
import Testing

@Suite("PostgreSQL keeps every rule of the contract", .timeLimit(.minutes(10)))
struct ConformanceTests {
    static let subject = StoreFactory(name: "PostgresStore") { try await SchemaStore.make($0) }

    @Test("The store keeps the rule", arguments: Check.all)
    func storeKeepsTheRule(_ check: Check) async throws {
        try await Self.subject.run(check)
    }

    @Test("Random operations are answered like the specification answers them", arguments: 1...20)
    func randomOperationsAreAnsweredAlike(_ seed: UInt64) async throws {
        try await DifferentialRunner(seed: seed, operations: 400, subject: Self.subject).run()
    }

    @Test("S3-13, S3-14: A fault at any call, before or after its effect, leaves the right end", arguments: FaultScenario.all)
    func aFaultAtAnyCallLeavesTheRightEnd(_ scenario: FaultScenario) async throws {
        let fired = try await scenario.run(on: Self.subject)
        #expect(fired >= 4, "faults must have fired for this to say anything")
    }
}
