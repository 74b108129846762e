/// Where one server listens.
struct RedisEndpoint: Sendable, Hashable, CustomStringConvertible {
    /// A name, or an address without brackets.
    var host: String
    var port: Int

    init(host: String, port: Int = 6379) {
        self.host = host
        self.port = port
    }

    var description: String { host.utf8.contains(UInt8(ascii: ":")) ? "[\(host)]:\(port)" : "\(host):\(port)" }
}
