import Hummingbird
import NIOCore

/// What a request carries through the router besides what Hummingbird needs: its connection, since bodies are read and written by hand, and who
/// makes it.
public struct APIContext: RequestContext {
    public var coreContext: CoreRequestContextStorage
    /// Nobody, until `AccessMiddleware` knows better.
    var identity = Identity.nobody
    /// Among the requests in progress; `nil` for those that are not counted.
    var place: RequestAdmission.Place?
    private let channel: any Channel

    public init(source: ApplicationRequestContextSource) {
        coreContext = CoreRequestContextStorage(source: source)
        channel = source.channel
    }

    public var principal: Principal { identity.principal }

    /// The address of the other side of the connection.
    var peer: String? { channel.remoteAddress?.ipAddress }

    /// Comes when the other side closes the connection.
    func departure() async throws -> Ending {
        let channel = channel
        return try await channel.eventLoop.submit { try channel.pipeline.syncOperations.handler(type: DepartureHandler.self).departure }.get()
    }
}
