/// One line that a program wrote, of which perhaps only the beginning was kept.
struct OutputLine: Sendable, Hashable {
    /// Without the newline, and without the carriage return of a CRLF.
    var bytes: [UInt8]
    /// How long the whole line was.
    var length: Int

    var isCut: Bool { length > bytes.count }

    /// The line as text of at most `bytesMax` bytes, and a mark where it was cut. Bytes that are not UTF-8, and NUL, which PostgreSQL
    /// cannot keep, become U+FFFD.
    func text(bytesMax: Int) -> String {
        let kept = bytes.count > bytesMax || isCut ? bytes[..<Self.boundary(bytes, at: min(bytesMax, bytes.count))] : bytes[...]
        var text = String(decoding: kept, as: UTF8.self)
        if kept.contains(0) { text = String(text.unicodeScalars.map { $0.value == 0 ? "\u{FFFD}" : Character($0) }) }
        return kept.count < length ? text + " … [cut, the line has \(length) bytes]" : text
    }

    /// The nearest place at or before `index` that does not split a character.
    private static func boundary(_ bytes: [UInt8], at index: Int) -> Int {
        var start = index
        // The first byte of the last character is at most four bytes back, unless the text is no UTF-8 anyway.
        while start > 0, index - start < 4, bytes[start - 1] & 0xC0 == 0x80 { start -= 1 }
        guard start > 0 else { return index }
        let width =
            switch bytes[start - 1] {
            case 0xC0..<0xE0: 2
            case 0xE0..<0xF0: 3
            case 0xF0..<0xF8: 4
            default: 1
            }
        return width > index - start + 1 ? start - 1 : index
    }
}
