/// How badly a node's way to the store behaves. Chances are out of a thousand.
struct Noise: Sendable {
    var latencyMax: Duration = .milliseconds(5)
    /// Calls that take up to two seconds.
    var slow = 0
    /// Calls that fail and did nothing.
    var failBefore = 0
    /// Calls that fail and did what they were asked.
    var failAfter = 0
    /// Whether the answer to a claim can be lost too, so that a node holds jobs it knows nothing of.
    var losesClaims = false
    var lostWakeups = 0

    static let none = Noise(latencyMax: .zero)
}
