/// Cuts a stream of bytes at its newlines. Holds at most one line's kept part, however long the line grows.
struct LineSplitter {
    /// A longer line keeps its beginning only.
    private let keptMax: Int
    /// The same for a line that begins with `{` and may therefore be a control line, which is of no use cut.
    private let objectMax: Int
    private var bytes: [UInt8] = []
    private var length = 0

    init(keptMax: Int, objectMax: Int) {
        self.keptMax = keptMax
        self.objectMax = max(keptMax, objectMax)
    }

    /// The lines that end in `chunk`.
    mutating func feed(_ chunk: UnsafeRawBufferPointer) -> [OutputLine] {
        var lines: [OutputLine] = []
        var start = 0
        for index in chunk.indices where chunk[index] == UInt8(ascii: "\n") {
            keep(chunk[start..<index])
            lines.append(take())
            start = index + 1
        }
        keep(chunk[start...])
        return lines
    }

    /// The last line, where the stream did not end with a newline.
    mutating func finish() -> OutputLine? {
        length > 0 ? take() : nil
    }

    private mutating func keep(_ part: Slice<UnsafeRawBufferPointer>) {
        guard let first = part.first else { return }
        let isObject = (bytes.first ?? first) == UInt8(ascii: "{")
        let room = (isObject ? objectMax : keptMax) - bytes.count
        if room > 0 { bytes.append(contentsOf: part.prefix(room)) }
        length += part.count
    }

    private mutating func take() -> OutputLine {
        if bytes.last == UInt8(ascii: "\r"), bytes.count == length {
            bytes.removeLast()
            length -= 1
        }
        let line = OutputLine(bytes: bytes, length: length)
        bytes = []
        length = 0
        return line
    }
}
