import MartletCore
import StoreConformance
import Testing

@Suite("The suite finds what it is for", .timeLimit(.minutes(5)))
struct BrokenStoreTests {
    @Test("A broken store fails a check that names the invariant it breaks", arguments: StoreDefect.allCases)
    func aBrokenStoreFailsACheck(_ defect: StoreDefect) async throws {
        let factory = StoreFactory(name: "\(defect)") { BrokenStore(MemoryStore(environment: $0), defect) }
        var failed: [Check] = []
        for check in Check.all where !check.isSlow {
            do {
                try await factory.run(check)
            } catch {
                failed.append(check)
                if defect.invariant.map(check.invariants.contains) ?? true { return }
            }
        }
        Issue.record("of all checks, only \(failed) failed")
    }
}
