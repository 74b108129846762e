import Logging

/// Writes what is logged into a ring. Meant to stand beside the handler that writes to the terminal, in a `MultiplexLogHandler`.
public struct LogRingHandler: LogHandler {
    public var logLevel: Logger.Level
    public var metadata: Logger.Metadata = [:]
    public var metadataProvider: Logger.MetadataProvider?
    private let label: String
    private let ring: LogRing

    public init(label: String, ring: LogRing, logLevel: Logger.Level = .info) {
        self.label = label
        self.ring = ring
        self.logLevel = logLevel
    }

    public subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    public func log(event: LogEvent) {
        var merged = metadata
        if let provided = metadataProvider?.get() { merged.merge(provided) { _, new in new } }
        if let own = event.metadata { merged.merge(own) { _, new in new } }
        ring.append(level: event.level, label: label, message: event.message.description, metadata: merged)
    }
}
