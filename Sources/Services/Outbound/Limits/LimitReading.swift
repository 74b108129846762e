import MartletCore

/// One limit as a server told it with an answer.
struct LimitReading: Sendable, Hashable {
    /// What is counted; empty where the server counts calls and says no more.
    var name: String
    var limit: Int?
    /// How many are left.
    var remaining: Int
    /// Until there are `limit` again.
    var resetAfter: Duration
    /// Whether it fills up bit by bit until then, in place of all at once.
    var isRefilling = false

    /// Other things than calls (tokens, bytes, percent of a quota) are used up in unknown portions: they say when to stop, not how many may go.
    var countsCalls: Bool { !["token", "byte", "complexity", "neuron", "cost"].contains { name.contains($0) } }

    /// Whether so little is left that every call must be counted before it is made.
    var isNear: Bool { limit.map { remaining <= $0 / 2 } ?? (remaining <= 64) }

    /// How long what is left must last. A bucket that fills bit by bit is looked at again when a tenth of it is back.
    var window: Duration {
        let least: Duration = .milliseconds(1)
        guard isRefilling, let limit, limit > remaining else { return max(least, resetAfter) }
        let portion = max(1, limit / 10)
        let share = min(1, Double(portion) / Double(limit - remaining))
        return max(least, .microseconds(Int64(Double(resetAfter.microseconds) * share)))
    }
}
