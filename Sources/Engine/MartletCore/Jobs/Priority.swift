/// 0 is most urgent, 3 least. A job competes as if it had become due `ageing` later for each level, so a job of priority 3 that has
/// waited long enough goes before fresh jobs of priority 0 and never starves.
public struct Priority: Sendable, Hashable, Comparable {
    public let level: Int

    /// `nil` outside 0…3.
    public init?(_ level: Int) {
        guard (0...3).contains(level) else { return nil }
        self.level = level
    }

    private init(known level: Int) { self.level = level }

    public static let urgent = Priority(known: 0)
    public static let high = Priority(known: 1)
    public static let standard = Priority(known: 2)
    public static let low = Priority(known: 3)
    public static let all: [Priority] = [.urgent, .high, .standard, .low]

    /// What one level of priority is worth in waiting time.
    public static let ageing: Duration = .seconds(60)

    public static func < (a: Priority, b: Priority) -> Bool { a.level < b.level }

    /// What the jobs of one tenant in one queue are ordered by; the smallest goes first.
    public func rank(dueAt: Timestamp) -> Int64 {
        dueAt.microseconds + Int64(level) * Self.ageing.microseconds
    }
}
