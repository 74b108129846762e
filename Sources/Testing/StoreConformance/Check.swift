import MartletCore

/// One rule of the contract, checked by playing a short scene on a fresh store. A broken rule is thrown as a `Violation`, so that a check
/// can also be held against a store that is known to be broken.
public struct Check: Sendable, CustomStringConvertible {
    /// The rule, as a sentence.
    public let name: String
    /// The invariants it is about (see `ARCHITECTURE.md`); empty where it is about an edge of the semantics alone.
    public let invariants: [Int]
    /// Takes seconds rather than milliseconds.
    public let isSlow: Bool
    /// Plays the scene on an empty store whose time is the clock's.
    /// - Throws: `Violation`, or what the store threw and should not have.
    public let run: @Sendable (any Store, ManualClock) async throws -> Void

    public init(_ name: String, _ invariants: Int..., isSlow: Bool = false, scene: @escaping @Sendable (Scene) async throws -> Void) {
        self.name = name
        self.invariants = invariants
        self.isSlow = isSlow
        run = { store, clock in try await scene(Scene(store: store, clock: clock)) }
    }

    public var description: String {
        invariants.isEmpty ? name : "\(name) (\(invariants.map(String.init).joined(separator: ", ")))"
    }

    /// Every check of the suite.
    public static let all: [Check] =
        enqueueing + keys + admission + claiming + sharing + liveness + deaths + settling + settlementEdges + cancelling + waiting + children
        + triggers + overlaps + topics + streams + steps + queues + buckets + namedLeases + queries + pruning + adopting + concurrency
}
