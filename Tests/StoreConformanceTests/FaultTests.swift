import MartletCore
import StoreConformance
import Testing

@Suite("Work comes out right whichever call fails", .timeLimit(.minutes(5)))
struct FaultTests {
    @Test("S3-13, S3-14: A fault at any call, before or after its effect, leaves the right end", arguments: Subjects.all, FaultScenario.all)
    func aFaultAtAnyCallLeavesTheRightEnd(_ factory: StoreFactory, _ scenario: FaultScenario) async throws {
        let fired = try await scenario.run(on: factory)
        #expect(fired >= 4, "faults must have fired for this to say anything")
    }

    @Test("A faulty store fails the call it is told to, before or after its effect", arguments: FaultyStore.Moment.allCases)
    func aFaultyStoreFailsTheCallItIsToldTo(_ moment: FaultyStore.Moment) async throws {
        let clock = ManualClock()
        let memory = MemoryStore(environment: Environment(clock: clock, random: SeededRandom(seed: 1)))
        let faulty = FaultyStore(memory, failing: 2, moment)
        let scene = Scene(store: faulty, clock: clock)
        try await scene.accept(scene.job())
        let job = scene.job()
        let error = await #expect(throws: StoreError.self) { _ = try await faulty.enqueue([job]) }
        guard case .unavailable(_, let mayHaveHappened) = error else {
            Issue.record("\(String(describing: error)) should be unavailable")
            return
        }
        #expect(mayHaveHappened == (moment == .after))
        let isThere = try await memory.job(job.id) != nil
        #expect(isThere == (moment == .after))
        #expect(faulty.faults == 1)
        try await scene.accept(scene.job())
    }
}
