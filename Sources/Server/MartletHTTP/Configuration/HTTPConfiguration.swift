import MartletCore

/// Where and how the HTTP server listens.
public struct HTTPConfiguration: Sendable {
    /// A loopback name or address; any other only for a server that has keys, or accepts tokens.
    public let host: String
    /// 0 lets the system choose.
    public let port: Int
    /// The largest body of a request but for batches: 2 MiB, which leaves room for one payload of the largest size.
    public var bodyBytesMax = 2 << 20
    /// The largest body of `POST /v1/jobs/batch`, in bytes.
    public var batchBytesMax = 64 << 20
    /// Connections open at once; more wait in the system's queue.
    public var connectionsMax = 4096
    /// Readers of live streams and waiting claims at once; more are refused with `503`.
    public var streamsMax = 1000
    /// How often a silent live stream says that it is alive.
    public var keepAlive: Duration = .seconds(15)
    /// A connection on which nothing has happened for this long is closed.
    public var idleTimeout: Duration = .seconds(75)
    /// How long requests may finish when the server stops; live streams and waiting claims end at once.
    public var drainLimit: Duration = .seconds(5)
    /// The sources whose webhooks are accepted at `POST /hooks/{source}`, by name.
    public var hooks: [String: HookSource] = [:]
    /// What a job of a kind gets where its request does not say.
    public var kindDefaults: [String: KindDefaults] = [:]
    /// Further names by which requests may call this server in their `Host` header: those of a proxy in front of it.
    public var hostNames: Set<String> = []
    /// Who may use which route.
    public var rules = RouteRules.standard

    /// - Throws: `invalidPort` outside 0…65535. Whether the host may be listened on is seen when the server runs.
    public init(host: String = "127.0.0.1", port: Int = 8080) throws(HTTPConfigurationError) {
        guard (0...65_535).contains(port) else { throw .invalidPort(port) }
        self.host = host
        self.port = port
    }
}
