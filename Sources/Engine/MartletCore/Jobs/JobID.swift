/// The name of a job: a UUID of version 7 (RFC 9562, section 5.7), so that ids sort by the time they were made.
public struct JobID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let high: UInt64
    public let low: UInt64

    public init(high: UInt64, low: UInt64) {
        self.high = high
        self.low = low
    }

    /// A version 7 UUID from 48 bits of milliseconds and 74 random bits.
    public init(at time: Timestamp, random: (UInt64, UInt64)) {
        let milliseconds = UInt64(clamping: time.microseconds / 1000)
        high = milliseconds << 16 | 0x7000 | random.0 & 0x0FFF
        low = 0x8000_0000_0000_0000 | random.1 & 0x3FFF_FFFF_FFFF_FFFF
    }

    /// Reads the 36-character form, in either case. Every UUID is accepted as an id, whatever its version:
    /// the ids that people bring along sort by themselves, and nothing but order depends on the version.
    public init?(_ text: some StringProtocol) {
        var words: (UInt64, UInt64) = (0, 0)
        var digits = 0
        var position = 0
        for byte in text.utf8 {
            if position == 8 || position == 13 || position == 18 || position == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
            } else {
                let value: UInt8
                switch byte {
                case 48...57: value = byte - 48
                case 97...102: value = byte - 87
                case 65...70: value = byte - 55
                default: return nil
                }
                guard digits < 32 else { return nil }
                if digits < 16 { words.0 = words.0 << 4 | UInt64(value) } else { words.1 = words.1 << 4 | UInt64(value) }
                digits += 1
            }
            position += 1
        }
        guard digits == 32, position == 36 else { return nil }
        (high, low) = words
    }

    public static func < (a: JobID, b: JobID) -> Bool {
        a.high != b.high ? a.high < b.high : a.low < b.low
    }

    /// The lower-case 36-character form.
    public var description: String {
        String(unsafeUninitializedCapacity: 36) { buffer in
            var position = 0
            for index in 0..<32 {
                if index == 8 || index == 12 || index == 16 || index == 20 {
                    buffer[position] = UInt8(ascii: "-")
                    position += 1
                }
                let word = index < 16 ? high : low
                let digit = UInt8(truncatingIfNeeded: word >> UInt64(60 - index % 16 * 4)) & 15
                buffer[position] = digit < 10 ? 48 + digit : 87 + digit
                position += 1
            }
            return 36
        }
    }

    /// The instant in the first 48 bits, as whole milliseconds.
    public var timestamp: Timestamp { Timestamp(microseconds: Int64(high >> 16) * 1000) }
}
