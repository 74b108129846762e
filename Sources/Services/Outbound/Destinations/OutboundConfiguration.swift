import MartletCore
import NIOSSL

/// What holds for all destinations of one client.
public struct OutboundConfiguration: Sendable {
    /// Private networks that every destination may reach. Empty on the open Internet.
    public var allowedNetworks: [Network] = []
    /// How long the addresses of a host are remembered.
    public var addressesKept: Duration = .seconds(30)
    /// Pools of connections kept, one for each host and address.
    public var poolsMax = 256
    /// How long an unused connection is kept.
    public var connectionsKept: Duration = .seconds(60)
    /// The certificates to trust in place of the system's.
    public var trustRoots: [NIOSSLCertificate]?
    /// Sent with every request that has none of its own.
    public var userAgent = "Martlet"

    public init() {}
}
