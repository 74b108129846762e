/// Which master serves which slot.
struct SlotMap: Sendable, Hashable {
    private(set) var masters: [RedisEndpoint] = []
    /// For each slot the position of its master; -1 where nobody serves it.
    private var owners = [Int16](repeating: -1, count: HashSlot.count)

    /// Reads the reply to `CLUSTER SLOTS`; `nil` where it is none.
    /// - Parameter host: who answered: stands where the reply leaves the host out.
    init?(_ reply: RESPValue, from host: String) {
        guard let ranges = reply.elements else { return nil }
        for range in ranges {
            guard let parts = range.elements, parts.count >= 3, let first = parts[0].int, let last = parts[1].int,
                first >= 0, last < HashSlot.count, first <= last, let node = parts[2].elements, node.count >= 2, let port = node[1].int,
                (1...65_535).contains(port)
            else { return nil }
            let name = node[0].string ?? ""
            let owner = position(of: RedisEndpoint(host: name.isEmpty ? host : name, port: port))
            for slot in first...last { owners[slot] = owner }
        }
    }

    subscript(slot: HashSlot) -> RedisEndpoint? {
        get {
            let owner = owners[slot.number]
            return owner < 0 ? nil : masters[Int(owner)]
        }
        set { owners[slot.number] = newValue.map { position(of: $0) } ?? -1 }
    }

    private mutating func position(of master: RedisEndpoint) -> Int16 {
        if let known = masters.firstIndex(of: master) { return Int16(known) }
        masters.append(master)
        return Int16(masters.count - 1)
    }
}
