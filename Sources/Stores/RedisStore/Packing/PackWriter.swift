import MartletCore

/// Writes MessagePack (https://github.com/msgpack/msgpack/blob/master/spec.md), as the `cmsgpack` of Redis reads it: values one after another.
struct PackWriter {
    private(set) var bytes: [UInt8] = []

    /// Whole numbers up to this are the same to Lua, whose numbers are doubles; larger ones travel as text.
    static let exactMax = 1 << 53

    init(capacity: Int = 64) { bytes.reserveCapacity(capacity) }

    mutating func addNil() { bytes.append(0xC0) }

    mutating func add(_ flag: Bool) { bytes.append(flag ? 0xC3 : 0xC2) }

    mutating func add(_ number: Int) {
        guard number.magnitude <= Self.exactMax.magnitude else { return add(String(number)) }
        switch number {
        case 0..<128: bytes.append(UInt8(number))
        case -32..<0: bytes.append(UInt8(bitPattern: Int8(number)))
        default:
            bytes.append(0xD3)
            big(UInt64(bitPattern: Int64(number)), 8)
        }
    }

    mutating func add(_ number: Int?) {
        if let number { add(number) } else { addNil() }
    }

    mutating func add(_ number: Double) {
        bytes.append(0xCB)
        big(number.bitPattern, 8)
    }

    mutating func add(_ text: String) { add(bytes: text.utf8) }

    mutating func add(_ text: String?) {
        if let text { add(text) } else { addNil() }
    }

    mutating func add(bytes data: some Collection<UInt8>) {
        let count = data.count
        switch count {
        case 0..<32: bytes.append(0xA0 | UInt8(count))
        case 32..<256:
            bytes.append(0xD9)
            bytes.append(UInt8(count))
        case 256..<65_536:
            bytes.append(0xDA)
            big(UInt64(count), 2)
        default:
            bytes.append(0xDB)
            big(UInt64(count), 4)
        }
        bytes.append(contentsOf: data)
    }

    mutating func add(bytes data: (some Collection<UInt8>)?) {
        if let data { add(bytes: data) } else { addNil() }
    }

    mutating func add(_ id: JobID) { add(bytes: id.bytes) }

    mutating func add(_ duration: Duration) { add(Int(duration.microseconds)) }

    mutating func add(_ duration: Duration?) { add(duration.map { Int($0.microseconds) }) }

    mutating func add(_ time: Timestamp) { add(Int(time.microseconds)) }

    mutating func add(_ time: Timestamp?) { add(time.map { Int($0.microseconds) }) }

    /// Announces an array; its elements follow.
    mutating func addArray(_ count: Int) {
        if count < 16 {
            bytes.append(0x90 | UInt8(count))
        } else {
            bytes.append(0xDD)
            big(UInt64(count), 4)
        }
    }

    /// Announces a map; its keys and values follow in turn.
    mutating func addMap(_ count: Int) {
        if count < 16 {
            bytes.append(0x80 | UInt8(count))
        } else {
            bytes.append(0xDF)
            big(UInt64(count), 4)
        }
    }

    private mutating func big(_ word: UInt64, _ count: Int) {
        for index in stride(from: count - 1, through: 0, by: -1) { bytes.append(UInt8(truncatingIfNeeded: word >> UInt64(8 * index))) }
    }
}

extension JobID {
    /// The sixteen bytes by which keys and members name a job; they sort like the ids.
    var bytes: [UInt8] { withUnsafeBytes(of: (high.bigEndian, low.bigEndian), Array.init) }
}
