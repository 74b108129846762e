import MartletCore

/// Which addresses a request may connect to: all that are globally reachable by IANA's special-purpose registries (RFC 6890 and its updates),
/// and what the operator allows besides.
public struct AddressGuard: Sendable, Hashable {
    /// The operator's own networks that requests may reach all the same.
    public var allowed: [Network]

    public init(allowing allowed: [Network] = []) {
        self.allowed = allowed
    }

    public func permits(_ address: IPAddress) -> Bool {
        if allowed.contains(where: { $0.contains(address) }) { return true }
        // An address that leads to an IPv4 one is judged as that one, by the allow list too: 6to4 or NAT64 must be no way round either.
        if let embedded = address.embedded { return permits(embedded) }
        if address.isV6 { return Self.globalV6.contains(address) && !Self.forbiddenV6.contains { $0.contains(address) } }
        return !Self.forbiddenV4.contains { $0.contains(address) }
    }

    /// Global unicast (RFC 4291): what lies outside (loopback, link local, unique local, multicast, unspecified) is nothing to connect to.
    private static let globalV6 = Network(trusted: "2000::/3")

    private static let forbiddenV6: [Network] = [
        Network(trusted: "2001::/23"),  // protocol assignments: Teredo, benchmarking, ORCHID
        Network(trusted: "2001:db8::/32"),  // documentation
        Network(trusted: "3fff::/20"),  // documentation
    ]

    private static let forbiddenV4: [Network] = [
        Network(trusted: "0.0.0.0/8"),  // this network; Linux connects 0.0.0.0 to itself
        Network(trusted: "10.0.0.0/8"),  // private
        Network(trusted: "100.64.0.0/10"),  // carrier-grade NAT
        Network(trusted: "127.0.0.0/8"),  // loopback
        Network(trusted: "169.254.0.0/16"),  // link local, where clouds keep their metadata
        Network(trusted: "172.16.0.0/12"),  // private
        Network(trusted: "192.0.0.0/24"),  // protocol assignments
        Network(trusted: "192.0.2.0/24"),  // documentation
        Network(trusted: "192.31.196.0/24"),  // AS112
        Network(trusted: "192.52.193.0/24"),  // AMT
        Network(trusted: "192.88.99.0/24"),  // relays of 6to4, withdrawn
        Network(trusted: "192.168.0.0/16"),  // private
        Network(trusted: "192.175.48.0/24"),  // AS112
        Network(trusted: "198.18.0.0/15"),  // benchmarking
        Network(trusted: "198.51.100.0/24"),  // documentation
        Network(trusted: "203.0.113.0/24"),  // documentation
        Network(trusted: "224.0.0.0/4"),  // multicast
        Network(trusted: "240.0.0.0/4"),  // reserved, and the broadcast address
    ]
}
