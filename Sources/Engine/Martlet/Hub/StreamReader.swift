/// Follows one stream from a sequence number on: every event once, in order, without a gap (invariant 5), for as long as the caller asks.
public struct StreamReader: Sendable {
    public let stream: String
    /// The last sequence number that was handed out.
    public private(set) var position: Int
    private let engine: Engine
    private let watch: Hub.Watch

    /// - Parameter after: 0 reads from the beginning.
    public init(_ stream: String, after: Int, engine: Engine) {
        self.stream = stream
        position = after
        self.engine = engine
        watch = engine.hub.watch([stream])
    }

    /// What is new, without waiting: may be empty.
    public mutating func page(limit: Int = 200) async throws -> EventPage {
        let page = try await engine.store.read(stream, after: position, limit: limit)
        if let last = page.events.last { position = last.sequence }
        return page
    }

    /// Waits until something may be new, or `limit` has passed.
    public func change(atMost limit: Duration = Hub.pollInterval) async throws {
        try await watch.next(atMost: limit)
    }
}
