/// How the connection is encrypted.
struct RedisSecurity: Sendable, Hashable {
    /// Whether the server's certificate must be valid and issued for its name.
    var isVerified = true
    /// A file with the certificates of authorities to trust instead of the system's, in PEM.
    var authorities: String?
    /// Files with the client's own certificate and its key, in PEM.
    var certificate: String?
    var key: String?
    /// The name that the certificate must be issued for, where it is not the host.
    var serverName: String?
}
