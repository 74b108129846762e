/// How much of the log is kept.
public struct LogRetention: Sendable, Hashable {
    /// Records older than this are removed.
    public var age: Duration = .seconds(14 * 86_400)
    /// Of the rest, the newest so many are kept.
    public var count = 200_000

    public init() {}
}
