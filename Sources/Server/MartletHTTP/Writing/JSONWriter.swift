import MartletCore

/// Writes JSON straight into bytes: no tree, no encoder, no intermediate text. Commas come by themselves.
struct JSONWriter {
    private(set) var bytes: [UInt8] = []
    private var needsComma = false

    /// - Parameter capacity: how many bytes are expected.
    init(capacity: Int = 1024) {
        bytes.reserveCapacity(capacity)
    }

    private mutating func separate() {
        if needsComma { bytes.append(UInt8(ascii: ",")) }
    }

    mutating func beginObject() { begin(UInt8(ascii: "{")) }
    mutating func endObject() { end(UInt8(ascii: "}")) }
    mutating func beginArray() { begin(UInt8(ascii: "[")) }
    mutating func endArray() { end(UInt8(ascii: "]")) }

    private mutating func begin(_ bracket: UInt8) {
        separate()
        bytes.append(bracket)
        needsComma = false
    }

    private mutating func end(_ bracket: UInt8) {
        bytes.append(bracket)
        needsComma = true
    }

    /// A member's name, which must need no escapes.
    mutating func name(_ name: StaticString) {
        separate()
        bytes.append(UInt8(ascii: "\""))
        bytes.append(contentsOf: UnsafeBufferPointer(start: name.utf8Start, count: name.utf8CodeUnitCount))
        bytes.append(UInt8(ascii: "\""))
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    mutating func name(_ name: String) {
        value(name)
        bytes.append(UInt8(ascii: ":"))
        needsComma = false
    }

    /// Appends what is JSON already.
    private mutating func raw(_ json: some Sequence<UInt8>) {
        separate()
        bytes.append(contentsOf: json)
        needsComma = true
    }

    mutating func null() { raw("null".utf8) }
    mutating func value(_ flag: Bool) { raw((flag ? "true" : "false").utf8) }
    mutating func value(_ number: Int) { raw(String(number).utf8) }
    mutating func value(_ payload: Payload) { raw(payload.utf8) }
    mutating func value(_ id: JobID) { value(id.description) }

    mutating func value(_ json: JSON) {
        separate()
        json.write(to: &bytes)
        needsComma = true
    }

    mutating func value(_ text: String) {
        separate()
        var text = text
        text.withUTF8 { utf8 in
            guard utf8.allSatisfy(Self.isPlain) else { return JSON.write(String(decoding: utf8, as: UTF8.self), to: &bytes) }
            bytes.append(UInt8(ascii: "\""))
            bytes.append(contentsOf: utf8)
            bytes.append(UInt8(ascii: "\""))
        }
        needsComma = true
    }

    private static func isPlain(_ byte: UInt8) -> Bool {
        byte >= 0x20 && byte != UInt8(ascii: "\"") && byte != UInt8(ascii: "\\") && byte != UInt8(ascii: "<")
    }

    /// Seconds, with a fraction only where there is one.
    mutating func value(_ duration: Duration) {
        let (seconds, fraction) = duration.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        if fraction == 0 { raw(String(seconds).utf8) } else { value(JSON.real(duration.inSeconds)) }
    }

    /// RFC 3339 in UTC, as `Timestamp.description` spells it.
    mutating func value(_ time: Timestamp) {
        guard time.microseconds >= 0 else { return value(time.description) }
        separate()
        let (seconds, fraction) = time.microseconds.quotientAndRemainder(dividingBy: 1_000_000)
        let (days, second) = seconds.quotientAndRemainder(dividingBy: 86_400)
        let date = CivilDate(daysSinceEpoch: days)
        bytes.append(UInt8(ascii: "\""))
        digits(date.year, 4)
        digits(Int64(date.month), 2, after: UInt8(ascii: "-"))
        digits(Int64(date.day), 2, after: UInt8(ascii: "-"))
        digits(second / 3600, 2, after: UInt8(ascii: "T"))
        digits(second / 60 % 60, 2, after: UInt8(ascii: ":"))
        digits(second % 60, 2, after: UInt8(ascii: ":"))
        if fraction % 1000 != 0 {
            digits(fraction, 6, after: UInt8(ascii: "."))
        } else if fraction != 0 {
            digits(fraction / 1000, 3, after: UInt8(ascii: "."))
        }
        bytes.append(UInt8(ascii: "Z"))
        bytes.append(UInt8(ascii: "\""))
        needsComma = true
    }

    private mutating func digits(_ number: Int64, _ width: Int, after mark: UInt8? = nil) {
        if let mark { bytes.append(mark) }
        var divisor: Int64 = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            bytes.append(UInt8(48 + number / divisor % 10))
            divisor /= 10
        }
    }
}
