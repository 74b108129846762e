import NIOSSL

/// Certificates and keys, read once.
struct RedisEncryption: Sendable {
    private let context: NIOSSLContext
    private let serverName: String?

    /// - Throws: `RedisURLError` where a file cannot be used.
    init(_ security: RedisSecurity) throws(RedisURLError) {
        var configuration = TLSConfiguration.makeClientConfiguration()
        configuration.minimumTLSVersion = .tlsv12
        if !security.isVerified { configuration.certificateVerification = .none }
        if let file = security.authorities { configuration.trustRoots = .file(file) }
        if let certificate = security.certificate, let key = security.key {
            do {
                configuration.certificateChain = try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }
            } catch {
                throw RedisURLError("the option cert", "names a file that cannot be read as a certificate")
            }
            do {
                configuration.privateKey = .privateKey(try NIOSSLPrivateKey(file: key, format: .pem))
            } catch {
                throw RedisURLError("the option key", "names a file that cannot be read as a key")
            }
        }
        do {
            context = try NIOSSLContext(configuration: configuration)
        } catch {
            throw RedisURLError("the options ca, cert and key", "name files that cannot be used together for encryption")
        }
        serverName = security.serverName
    }

    func handler(for endpoint: RedisEndpoint) throws -> NIOSSLClientHandler {
        do {
            return try NIOSSLClientHandler(context: context, serverHostname: serverName ?? endpoint.host)
        } catch let error as NIOSSLExtraError where error == .cannotUseIPAddressInSNI {
            // The certificate is then held against the address itself.
            return try NIOSSLClientHandler(context: context, serverHostname: nil)
        }
    }
}
