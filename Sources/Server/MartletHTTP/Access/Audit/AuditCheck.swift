import MartletCore

/// Reads the whole audit and holds it against its seals.
public struct AuditCheck: Sendable, Hashable {
    public private(set) var entries = 0
    /// The last entry that a seal vouches for.
    public private(set) var sealedThrough = 0
    /// The first entry that does not fit; `nil` where all do.
    public private(set) var broken: Int?

    /// - Throws: `StoreError`.
    public static func run(_ store: any Store) async throws(StoreError) -> AuditCheck {
        var (check, chain) = (AuditCheck(), AuditChain())
        // The hashes at the places that a later seal may state: those since the last one that a seal has stated.
        var hashes: [Int: [UInt8]] = [0: chain.hash]
        while true {
            let page = try await store.read(StreamName.audit, after: chain.sequence, limit: Limits.eventPageMax)
            for event in page.events {
                if event.type == AuditChain.sealType {
                    guard let stated = AuditChain.stated(by: event), let known = hashes[stated.sequence], known == stated.hash else {
                        check.broken = event.sequence
                        return check
                    }
                    check.sealedThrough = max(check.sealedThrough, stated.sequence)
                    // Servers seal at about the same time: an earlier place may be stated once more, but not one of long ago.
                    hashes = hashes.filter { $0.key >= stated.sequence - AuditSealer.lagMax }
                } else {
                    check.entries += 1
                }
                guard chain.add(event) else {
                    check.broken = event.sequence
                    return check
                }
                hashes[chain.sequence] = chain.hash
            }
            if page.events.count < Limits.eventPageMax { break }
        }
        return check
    }
}
