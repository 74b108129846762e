/// Why the server does not listen as it was told.
public enum HTTPConfigurationError: Error, Sendable, Hashable {
    case notLoopback(String)
    case invalidPort(Int)
}

extension HTTPConfigurationError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notLoopback(let host):
            "'\(host)' can be reached from other machines, and this server asks nobody for a key: listen on 127.0.0.1, ::1 or localhost, "
                + "and put a proxy that authenticates in front of it"
        case .invalidPort(let port): "\(port) is no port: choose one from 1 to 65535, or 0 for any that is free"
        }
    }
}
