/// A kind of job as a Swift type: what is encoded is the payload.
///
/// ```swift
/// struct SendWelcome: Job {
///     static let kind = "send-welcome"
///     var user: Int
/// }
/// ```
public protocol Job: Codable, Sendable {
    /// The name under which jobs of this type are kept. Part of the stored data: changing it orphans queued jobs.
    static var kind: String { get }
}
