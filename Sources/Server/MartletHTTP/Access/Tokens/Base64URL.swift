/// Base 64 with the alphabet for URLs and without padding (RFC 4648, section 5; RFC 7515, section 2).
enum Base64URL {
    /// - Returns: `nil` for any other character, padding among them, and for a length that no bytes have.
    static func decode(_ text: some Collection<UInt8>) -> [UInt8]? {
        guard text.count % 4 != 1 else { return nil }
        var bytes: [UInt8] = []
        bytes.reserveCapacity(text.count * 3 / 4)
        var (buffer, count): (UInt32, UInt32) = (0, 0)
        for character in text {
            guard let digit = digit(character) else { return nil }
            buffer = buffer << 6 | digit
            count += 6
            if count >= 8 {
                count -= 8
                bytes.append(UInt8(buffer >> count & 255))
                buffer &= 1 << count - 1
            }
        }
        // Bits that say nothing must be zero, or one token would have several spellings.
        return buffer == 0 ? bytes : nil
    }

    private static func digit(_ character: UInt8) -> UInt32? {
        switch character {
        case 65...90: UInt32(character) - 65
        case 97...122: UInt32(character) - 71
        case 48...57: UInt32(character) + 4
        case UInt8(ascii: "-"): 62
        case UInt8(ascii: "_"): 63
        default: nil
        }
    }
}
