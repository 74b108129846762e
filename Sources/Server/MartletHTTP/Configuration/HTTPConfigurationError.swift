/// Why the server does not listen as it was told.
public enum HTTPConfigurationError: Error, Sendable, Hashable {
    case notLoopback(String)
    case invalidPort(Int)
}

extension HTTPConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notLoopback(let host):
            "'\(host)' can be reached from other machines, and this server asks nobody for a key: make one with 'martlet keys create', or name the "
                + "issuer of tokens under access.jwt, or listen on 127.0.0.1"
        case .invalidPort(let port): "\(port) is no port: choose one from 1 to 65535, or 0 for any that is free"
        }
    }
}
