/// After how long the lease on a computation ends if its process dies. While the process lives the lease is extended every third of it, so a
/// computation may take as long as its timeout allows; the span only decides how soon a successor begins.
enum LeaseSpan {
    private static let shortest: Duration = .seconds(3)
    private static let longest: Duration = .seconds(60)
    private static let unmeasured: Duration = .seconds(10)

    /// Twice the measured time of the last computation, from 3 s (a shorter one would be lost to a pause of the process) to 60 s; half the
    /// timeout, at most 10 s, where none was measured yet.
    static func of(cost: Duration?, timeout: Duration) -> Duration {
        min(max(cost.map { $0 * 2 } ?? min(timeout / 2, unmeasured), shortest), longest)
    }
}
