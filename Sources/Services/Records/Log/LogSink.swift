import Logging

/// Where log records go. Whoever logs must not wait for it.
public protocol LogSink: Sendable {
    func add(_ level: Logger.Level, _ category: String, _ message: String, _ metadata: Logger.Metadata)
}
