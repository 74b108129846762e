/// The alphabet of RFC 4648, section 6, in lower case and without padding: survives being read aloud, double-clicked and put into a URL.
enum Base32 {
    private static let digits = Array("abcdefghijklmnopqrstuvwxyz234567".utf8)

    static func encode(_ bytes: some Sequence<UInt8>) -> String {
        var text: [UInt8] = []
        var (buffer, count): (UInt32, UInt32) = (0, 0)
        for byte in bytes {
            buffer = buffer << 8 | UInt32(byte)
            count += 8
            while count >= 5 {
                count -= 5
                text.append(digits[Int(buffer >> count & 31)])
            }
            buffer &= 1 << count - 1
        }
        if count > 0 { text.append(digits[Int(buffer << (5 - count) & 31)]) }
        return String(decoding: text, as: UTF8.self)
    }
}
