/// The entries of one cache in this process, bounded by count and bytes. What is used least makes room: second chance (Corbató, "A paging
/// experiment with the Multics system", 1968), which needs one bit an entry and no list to be kept in order.
struct CacheMemory {
    private struct Slot {
        let key: String
        var entry: CacheEntry
        var wasUsed: Bool

        var bytes: Int { key.utf8.count + entry.bytes }
    }

    private let bytesMax: Int
    private let entriesMax: Int
    private var slots: [Slot?] = []
    private var places: [String: Int] = [:]
    private var free: [Int] = []
    private var hand = 0
    private(set) var bytes = 0

    init(bytesMax: Int, entriesMax: Int) {
        self.bytesMax = bytesMax
        self.entriesMax = entriesMax
    }

    var count: Int { places.count }

    /// The entry, which has been used by this.
    mutating func use(_ key: String) -> CacheEntry? {
        guard let place = places[key] else { return nil }
        slots[place]?.wasUsed = true
        return slots[place]?.entry
    }

    /// The entry, without a trace.
    func peek(_ key: String) -> CacheEntry? { places[key].flatMap { slots[$0] }?.entry }

    /// - Returns: how many entries made room.
    mutating func put(_ key: String, _ entry: CacheEntry) -> Int {
        remove(key)
        let slot = Slot(key: key, entry: entry, wasUsed: true)
        guard slot.bytes <= bytesMax, entriesMax > 0 else { return 0 }
        var evicted = 0
        while bytes + slot.bytes > bytesMax || count >= entriesMax {
            evict()
            evicted += 1
        }
        let place = free.popLast() ?? slots.count
        if place == slots.count { slots.append(slot) } else { slots[place] = slot }
        places[key] = place
        bytes += slot.bytes
        return evicted
    }

    mutating func change(_ key: String, _ change: (inout CacheEntry) -> Void) {
        guard let place = places[key], var slot = slots[place] else { return }
        bytes -= slot.bytes
        change(&slot.entry)
        bytes += slot.bytes
        slots[place] = slot
    }

    mutating func remove(_ key: String) {
        guard let place = places.removeValue(forKey: key) else { return }
        bytes -= slots[place]?.bytes ?? 0
        slots[place] = nil
        free.append(place)
    }

    mutating func remove(where isGone: (String, CacheEntry) -> Bool) {
        for slot in slots {
            if let slot, isGone(slot.key, slot.entry) { remove(slot.key) }
        }
    }

    private mutating func evict() {
        while true {
            hand = (hand + 1) % slots.count
            guard let slot = slots[hand] else { continue }
            if !slot.wasUsed { return remove(slot.key) }
            slots[hand]?.wasUsed = false
        }
    }
}
