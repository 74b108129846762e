/// How often a waiter asks for a lease that somebody holds. Whoever has waited longer asks more often, so that nobody starves; and never more
/// often than `shortest`, whoever rings.
struct LeasePace: Sendable {
    private static let longest: Duration = .milliseconds(250)
    static let shortest: Duration = .milliseconds(20)

    /// - Parameters:
    ///   - waited: how long it has been waiting.
    ///   - expiresIn: when the holder's lease ends unless extended: asking later than that would be late.
    func pause(waited: Duration, expiresIn: Duration, _ environment: Environment) -> Duration {
        let seconds = max(0, waited.inSeconds)
        let ceiling = max(Self.shortest, .microseconds(Int64(Double(Self.longest.microseconds) / (1 + seconds))))
        let jittered = ceiling / 2 + environment.duration(upTo: ceiling / 2)
        return max(Self.shortest / 2, min(jittered, expiresIn))
    }
}
