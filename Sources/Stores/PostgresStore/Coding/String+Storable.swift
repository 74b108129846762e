/// PostgreSQL's text cannot hold the character U+0000. Where other people's words may (a key, an owner, a message), it is kept as U+001A and
/// a digit, and U+001A itself likewise, so that every text comes back as it went in.
extension String {
    var storable: String {
        guard utf8.contains(where: { $0 == 0 || $0 == 0x1A }) else { return self }
        var bytes: [UInt8] = []
        for byte in utf8 {
            switch byte {
            case 0: bytes += [0x1A, UInt8(ascii: "0")]
            case 0x1A: bytes += [0x1A, UInt8(ascii: "1")]
            default: bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    init(stored text: String) {
        guard text.utf8.contains(0x1A) else {
            self = text
            return
        }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in text.utf8 {
            if isEscaped {
                bytes.append(byte == UInt8(ascii: "0") ? 0 : 0x1A)
                isEscaped = false
            } else if byte == 0x1A {
                isEscaped = true
            } else {
                bytes.append(byte)
            }
        }
        self = String(decoding: bytes, as: UTF8.self)
    }
}
