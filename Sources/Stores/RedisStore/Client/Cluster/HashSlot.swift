/// The slot of a Redis Cluster that a key belongs to: CRC16 (XMODEM) of the key, or of its hash tag, modulo 16 384
/// (https://redis.io/docs/latest/operate/oss_and_stack/reference/cluster-spec/, "Key distribution model" and "Hash tags").
struct HashSlot: Sendable, Hashable {
    static let count = 16_384

    let number: Int

    init(_ key: String) {
        number = Self.checksum(Self.tag(Array(key.utf8)[...])) % Self.count
    }

    /// What stands between the first brace and the next closing one, where that is not empty.
    private static func tag(_ key: ArraySlice<UInt8>) -> ArraySlice<UInt8> {
        guard let open = key.firstIndex(of: UInt8(ascii: "{")), let close = key[(open + 1)...].firstIndex(of: UInt8(ascii: "}")), close > open + 1
        else { return key }
        return key[(open + 1)..<close]
    }

    private static func checksum(_ bytes: ArraySlice<UInt8>) -> Int {
        var sum: UInt16 = 0
        for byte in bytes {
            sum ^= UInt16(byte) << 8
            for _ in 0..<8 { sum = sum & 0x8000 == 0 ? sum << 1 : sum << 1 ^ 0x1021 }
        }
        return Int(sum)
    }
}
