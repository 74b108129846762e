import MartletCore
import Testing

@testable import Records

@Suite struct CacheMemoryTests {
    private func entry(_ count: Int) -> CacheEntry {
        CacheEntry(value: [UInt8](repeating: 0, count: count), cost: .zero, freshUntil: .seconds(1), staleUntil: .seconds(1))
    }

    @Test("S0-43: Memory is bounded by entries and by bytes, whatever comes")
    func bounds() {
        let random = SeededRandom(seed: 3)
        var memory = CacheMemory(bytesMax: 100_000, entriesMax: 100)
        var kept: Set<String> = []
        for _ in 0..<20_000 {
            let key = "key \(random.next() % 300)"
            switch random.next() % 4 {
            case 0: memory.remove(key)
            case 1: _ = memory.use(key)
            default: _ = memory.put(key, entry(Int(random.next() % 4000)))
            }
            #expect(memory.count <= 100 && memory.bytes <= 100_000)
            kept.insert(key)
        }
        for key in kept { memory.remove(key) }
        #expect(memory.count == 0 && memory.bytes == 0)
    }

    @Test("What is used stays, what is not makes room")
    func eviction() {
        var memory = CacheMemory(bytesMax: 1 << 20, entriesMax: 10)
        for number in 0..<10 { #expect(memory.put("\(number)", entry(10)) == 0) }
        // The first eviction clears every mark; from then on only what is used again has one.
        #expect(memory.put("a", entry(10)) == 1)
        _ = memory.use("5")
        for name in ["b", "c", "d", "e", "f", "g"] {
            #expect(memory.put(name, entry(10)) == 1)
            _ = memory.use("5")
        }
        #expect(memory.peek("5") != nil)
        #expect(memory.count == 10)
    }

    @Test("A value larger than the memory is not kept, and costs nobody a place")
    func oversized() {
        var memory = CacheMemory(bytesMax: 1000, entriesMax: 10)
        _ = memory.put("a", entry(10))
        #expect(memory.put("b", entry(2000)) == 0)
        #expect(memory.peek("a") != nil && memory.peek("b") == nil)
    }

    @Test("A range of keys is those with the prefix and no others", arguments: ["", "a", "a/", "ä", "\u{7F}", "\u{10FFFF}"])
    func ranges(prefix: String) {
        let range = KeyRange(prefix: prefix)
        for key in ["", "a", "a/", "a/b", "a0", "b", "ä", "äb", "z", "\u{7F}", "\u{7F}a", "\u{10FFFF}", "\u{10FFFF}x", "\u{FFFF}"] {
            #expect(range.contains(key) == Array(key.utf8).starts(with: prefix.utf8), "\(prefix) \(key)")
            #expect(KeyRange(key: prefix).contains(key) == (key.utf8.elementsEqual(prefix.utf8)), "\(prefix) \(key)")
        }
    }
}
