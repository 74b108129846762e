import StoreConformance
import Testing

@Suite("Every store keeps every rule of the contract", .timeLimit(.minutes(5)))
struct ConformanceTests {
    @Test("A store keeps the rule", arguments: Subjects.all, Check.all)
    func storeKeepsTheRule(_ factory: StoreFactory, _ check: Check) async throws {
        try await factory.run(check)
    }

    @Test("Every check has a name of its own, and every invariant that a store can break has checks")
    func checksAreComplete() {
        #expect(Set(Check.all.map(\.name)).count == Check.all.count)
        #expect(Set(Check.all.flatMap(\.invariants)) == Set(1...13))
    }
}
