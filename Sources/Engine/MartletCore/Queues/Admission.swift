/// When a full queue refuses, with hysteresis: each priority has a mark of its own, the least urgent the lowest, standard priority
/// exactly `highWater`; a priority that was refused once is refused until the queue has drained below `lowWater`.
public struct Admission: Sendable, Hashable {
    /// The most urgent level that is being refused; 4 where none is.
    public private(set) var refusedFrom: Int

    public init(refusedFrom: Int = 4) {
        self.refusedFrom = refusedFrom
    }

    /// Decides about one more job and remembers what the hysteresis needs.
    /// - Parameter depth: ready jobs in the queue, this one not counted.
    public mutating func admits(_ priority: Priority, depth: Int, _ policy: QueuePolicy) -> Bool {
        guard let high = policy.highWater else {
            refusedFrom = 4
            return true
        }
        if depth < Self.lowWater(policy, high) { refusedFrom = 4 }
        let step = max(1, (high - Self.lowWater(policy, high)) / 4)
        while refusedFrom > 0, depth >= high + (Priority.standard.level - (refusedFrom - 1)) * step { refusedFrom -= 1 }
        return priority.level < refusedFrom
    }

    private static func lowWater(_ policy: QueuePolicy, _ high: Int) -> Int { policy.lowWater ?? high * 3 / 5 }
}
