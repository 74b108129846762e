import MartletCore

/// A client's work that must come out right whichever of its calls fails.
public struct FaultScenario: Sendable, CustomStringConvertible {
    public let name: String
    /// The client, which knows that an answer may be lost and its call made twice.
    public let work: @Sendable (Scene) async throws -> Void
    /// What must be so in the end, read without faults.
    public let verify: @Sendable (Scene) async throws -> Void

    public var description: String { name }

    /// Plays the scenario with a fault at its first call, at its second, and so on until none fires any more; first with faults before
    /// the call takes effect, then after.
    /// - Returns: how many faults fired.
    @discardableResult
    public func run(on factory: StoreFactory) async throws -> Int {
        var fired = 0
        for moment in FaultyStore.Moment.allCases {
            var call = 1
            while try await play(on: factory, failing: call, moment) {
                call += 1
                fired += 1
            }
        }
        return fired
    }

    private func play(on factory: StoreFactory, failing call: Int, _ moment: FaultyStore.Moment) async throws -> Bool {
        let clock = ManualClock()
        let store = try await factory.make(Environment(clock: clock, random: SeededRandom(seed: 1)))
        let faulty = FaultyStore(store, failing: call, moment)
        do {
            try await work(Scene(store: RetryingStore(faulty, clock: clock), clock: clock))
            try await verify(Scene(store: store, clock: clock))
            try await StoreFactory.audit(store)
        } catch {
            throw Violation("with a fault \(moment.rawValue) call \(call): \(error)")
        }
        return faulty.faults > 0
    }
}
