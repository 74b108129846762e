import MartletCore
import Synchronization

/// Remembers for a short time which addresses a host has, and makes sure that each of them may be connected to.
final class ResolvedHosts: Sendable {
    private struct Entry {
        let addresses: [IPAddress]
        let until: Duration
    }

    private static let hostsMax = 1024

    private let resolver: any HostResolver
    private let clock: any EngineClock
    private let keep: Duration
    private let entries = Mutex([String: Entry]())

    init(_ resolver: any HostResolver, clock: any EngineClock, keep: Duration) {
        self.resolver = resolver
        self.clock = clock
        self.keep = keep
    }

    /// The addresses to connect to: those of the moment of the check, whatever the name answers later.
    ///
    /// One forbidden address among several refuses the host: who mixes them wants the other one to be tried.
    func addresses(of target: Target, _ guardian: AddressGuard) async throws -> [IPAddress] {
        let found: [IPAddress]
        if let literal = target.literal {
            found = [literal]
        } else if let known = known(target.host) {
            found = known
        } else {
            found = try await resolver.addresses(of: target.host)
            remember(found, of: target.host)
        }
        guard !found.isEmpty else { throw OutboundError.unresolvable(host: target.host) }
        for address in found where !guardian.permits(address) { throw OutboundError.forbiddenAddress(host: target.host, address) }
        return found
    }

    private func known(_ host: String) -> [IPAddress]? {
        let now = clock.uptime()
        return entries.withLock { entries in
            guard let entry = entries[host], entry.until > now else { return nil }
            return entry.addresses
        }
    }

    private func remember(_ addresses: [IPAddress], of host: String) {
        let now = clock.uptime()
        entries.withLock { entries in
            if entries.count >= Self.hostsMax { entries = entries.filter { $0.value.until > now } }
            if entries.count >= Self.hostsMax { entries.removeAll() }
            entries[host] = Entry(addresses: addresses, until: now + keep)
        }
    }

    /// Asks anew next time: its addresses did not answer.
    func forget(_ host: String) {
        entries.withLock { $0[host] = nil }
    }
}
