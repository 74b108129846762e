import Hummingbird
import NIOCore

/// What a request carries through the router: besides what Hummingbird needs only its connection, since bodies are read and written by hand.
public struct APIContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    private let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    /// Comes when the other side closes the connection.
    func departure() async throws -> Ending {
        let channel = channel
        return try await channel.eventLoop.submit { try channel.pipeline.syncOperations.handler(type: DepartureHandler.self).departure }.get()
    }

    /// Runs `body` with the connection, where its handlers may be touched.
    func onEventLoop(_ body: @escaping @Sendable (any Channel) throws -> Void) async throws {
        let channel = channel
        try await channel.eventLoop.submit { try body(channel) }.get()
    }
}
