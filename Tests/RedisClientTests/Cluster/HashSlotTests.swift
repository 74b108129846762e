import NIOCore
import Testing

@testable import RedisStore

@Suite struct HashSlotTests {
    /// From the specification of Redis Cluster, and from CLUSTER KEYSLOT.
    @Test(arguments: [("123456789", 12_739), ("", 0), ("foo", 12_182), ("{user1000}.following", 3443), ("foo{}{bar}", 8363), ("foo{{bar}}zap", 4015)])
    func `known slots`(key: String, slot: Int) {
        #expect(HashSlot(key).number == slot)
    }

    @Test func `the tag alone decides`() {
        #expect(HashSlot("{martlet}:jobs") == HashSlot("x{martlet}y{other}"))
        #expect(HashSlot("{martlet}:jobs") == HashSlot("martlet"))
        #expect(HashSlot("foo{bar") != HashSlot("bar"))
        #expect(HashSlot("}{a}") == HashSlot("a"))
    }

    private func range(_ first: Int, _ last: Int, _ host: String, _ port: Int) -> RESPValue {
        .array([.integer(first), .integer(last), .array([.bytes(ByteBuffer(string: host)), .integer(port), .bytes(ByteBuffer(string: "id"))])])
    }

    @Test func `a map is read and mended`() throws {
        var map = try #require(SlotMap(.array([range(0, 99, "a", 1), range(100, 199, "", 2), range(200, 300, "a", 1)]), from: "seed"))
        #expect(map.masters == [RedisEndpoint(host: "a", port: 1), RedisEndpoint(host: "seed", port: 2)])
        #expect(map[HashSlot("")] == RedisEndpoint(host: "a", port: 1))
        #expect(map[HashSlot("foo")] == nil)
        map[HashSlot("foo")] = RedisEndpoint(host: "c", port: 3)
        #expect(map[HashSlot("foo")] == RedisEndpoint(host: "c", port: 3))
    }

    @Test func `what is no map is none`() {
        #expect(SlotMap(.integer(1), from: "s") == nil)
        #expect(SlotMap(.array([.integer(1)]), from: "s") == nil)
        #expect(SlotMap(.array([range(5, 1, "a", 1)]), from: "s") == nil)
        #expect(SlotMap(.array([range(0, 16_384, "a", 1)]), from: "s") == nil)
        #expect(SlotMap(.array([range(0, 1, "a", 0)]), from: "s") == nil)
        #expect(SlotMap(.array([.array([.integer(0), .integer(1), .null])]), from: "s") == nil)
    }
}
