/// Why an attempt, or a job, failed: what is kept and shown. Never holds a secret or a payload.
public struct Failure: Sendable, Hashable {
    /// A short word that programs can compare: `timeout`, `crashed`, `exit-1`, a Swift error's type name.
    public var kind: String
    /// For people; cut to `Limits.messageBytes`.
    public var message: String

    public init(kind: String, message: String) {
        self.kind = kind
        self.message = Limits.cut(message, to: Limits.messageBytes)
    }

    /// The attempt's node died, and this job was found to be the one that kills it.
    public static func crashed(_ deaths: Int) -> Failure {
        Failure(kind: "crashed", message: "its process died \(deaths) times while it ran; revive it when the cause is mended")
    }

    /// The job was not started in time.
    public static func queueTimeout(_ limit: Duration) -> Failure {
        Failure(kind: "queue-timeout", message: "it was not started within \(limit.inSeconds) s of becoming due")
    }
}
