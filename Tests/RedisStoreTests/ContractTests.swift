import MartletCore
import StoreConformance
import Testing

@Suite("RedisStore keeps the contract", .timeLimit(.minutes(5)))
struct ContractTests {
    @Test("The store keeps the rule", arguments: Check.all)
    func theStoreKeepsTheRule(_ check: Check) async throws {
        try await TestPlaces.with { try await $0.factory.run(check) }
    }

    @Test("Random operations are answered like the specification answers them", arguments: 1...20)
    func randomOperationsAreAnsweredAlike(_ seed: UInt64) async throws {
        try await TestPlaces.with { try await DifferentialRunner(seed: seed, operations: 400, subject: $0.factory).run() }
    }

    @Test("S3-13, S3-14: A fault at any call, before or after its effect, leaves the right end", arguments: FaultScenario.all)
    func aFaultAtAnyCallLeavesTheRightEnd(_ scenario: FaultScenario) async throws {
        try await TestPlaces.with { places in
            let fired = try await scenario.run(on: places.factory)
            #expect(fired >= 4, "faults must have fired for this to say anything")
        }
    }
}
