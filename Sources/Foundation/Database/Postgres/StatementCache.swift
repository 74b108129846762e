/// Which statements a connection has prepared, and under what name.
///
/// The name is made of the statement's own text and types. So behind a pooler, where a name may have been prepared by somebody else
/// on the same server connection, it means the same statement all the same.
struct StatementCache {
    enum Choice {
        case unprepared
        /// Prepared here and now, then run.
        case prepare(String)
        case prepared(String)
    }

    /// Statements used less often are sent as they are: most texts that are put together are never seen again.
    static let threshold = 3
    static let capacity = 256

    private struct Entry {
        var uses = 0
        var name: String?
    }

    private var entries: [EncodedStatement.Shape: Entry] = [:]
    private var generation = 0

    mutating func choose(_ shape: EncodedStatement.Shape) -> Choice {
        if let name = entries[shape]?.name { return .prepared(name) }
        if entries.count >= Self.capacity && entries[shape] == nil {
            entries = entries.filter { $0.value.name != nil }
            // All in use for ever: the rest goes unprepared.
            if entries.count >= Self.capacity { return .unprepared }
        }
        let uses = entries[shape, default: Entry()].uses + 1
        entries[shape, default: Entry()].uses = uses
        return uses < Self.threshold ? .unprepared : .prepare(Self.name(shape, generation))
    }

    mutating func prepared(_ shape: EncodedStatement.Shape, as name: String) {
        entries[shape]?.name = name
    }

    /// The server does not know it.
    mutating func lost(_ shape: EncodedStatement.Shape) {
        entries[shape]?.name = nil
    }

    /// The tables have changed under them: they are prepared anew, under other names.
    mutating func forget() {
        entries = [:]
        generation += 1
    }

    /// Two runs of FNV-1a (Fowler, Noll, Vo) with different starts: 128 bits.
    private static func name(_ shape: EncodedStatement.Shape, _ generation: Int) -> String {
        var first: UInt64 = 0xCBF2_9CE4_8422_2325
        var second: UInt64 = 0x8422_2325_CBF2_9CE4
        func mix(_ byte: UInt8) {
            first = (first ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            second = (second ^ UInt64(byte)) &* 0x0000_0100_0000_01B3
            second ^= second >> 29
        }
        for byte in shape.text { mix(byte) }
        for type in shape.types { withUnsafeBytes(of: type.littleEndian) { $0.forEach(mix) } }
        return "martlet_\(String(first, radix: 36))_\(String(second, radix: 36))_\(generation)"
    }
}
