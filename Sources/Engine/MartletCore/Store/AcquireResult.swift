public enum AcquireResult: Sendable, Hashable {
    /// The fencing token: hand it to whatever the lease protects.
    case granted(epoch: Int)
    case held(by: String, expiresIn: Duration)
}
