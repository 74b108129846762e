import Glibc

/// Reads a file or standard input line by line, in chunks as they come: what a slow writer has written so far is not held back until the
/// chunk is full.
struct LineSource: ~Copyable {
    enum Origin {
        case standardInput
        case file(String)
    }

    /// A line with its number, from 1; or, in the place of one longer than allowed, its number alone.
    struct Line {
        let number: Int
        /// Without the line's end; `nil` where it was too long.
        let bytes: [UInt8]?
    }

    private static let chunkBytes = 1 << 18

    private let descriptor: Int32
    private let name: String
    /// Bytes, where it is a file; `nil` where nobody knows.
    let size: Int?
    private(set) var position = 0
    private let lineBytesMax: Int
    private var rest: [UInt8] = []
    private var isOverlong = false
    private var lineNumber = 0
    private var isAtEnd = false

    /// - Throws: `CommandFailure` where the file cannot be opened.
    init(_ origin: Origin, lineBytesMax: Int = 4 << 20) throws {
        self.lineBytesMax = lineBytesMax
        switch origin {
        case .standardInput:
            (descriptor, name) = (STDIN_FILENO, "standard input")
        case .file(let path):
            name = path
            descriptor = open(path, O_RDONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw CommandFailure(.notFound, "\(path) cannot be read: \(String(cString: strerror(errno)))") }
        }
        size = Self.bytesLeft(descriptor)
    }

    /// `nil` for a pipe or a terminal, which cannot be positioned.
    private static func bytesLeft(_ descriptor: Int32) -> Int? {
        let here = lseek(descriptor, 0, SEEK_CUR)
        guard here >= 0 else { return nil }
        let end = lseek(descriptor, 0, SEEK_END)
        guard end > here, lseek(descriptor, here, SEEK_SET) == here else { return nil }
        return end - here
    }

    deinit {
        if descriptor != STDIN_FILENO { close(descriptor) }
    }

    /// The lines of the next chunk, empty ones left out; `nil` at the end. May be empty: a long line takes several chunks.
    mutating func next() throws -> [Line]? {
        guard !isAtEnd else { return nil }
        let chunk = try readChunk()
        var lines: [Line] = []
        guard !chunk.isEmpty else {
            isAtEnd = true
            endLine(&lines)
            return lines.isEmpty ? nil : lines
        }
        var start = chunk.startIndex
        while let end = chunk[start...].firstIndex(of: UInt8(ascii: "\n")) {
            extend(chunk[start..<end])
            endLine(&lines)
            start = end + 1
        }
        extend(chunk[start...])
        return lines
    }

    /// Everything, for a payload.
    consuming func readAll(atMost limit: Int) throws -> [UInt8] {
        var bytes: [UInt8] = []
        while true {
            let chunk = try readChunk()
            if chunk.isEmpty { return bytes }
            bytes += chunk
            guard bytes.count <= limit else { throw CommandFailure(.refused, "\(name) is larger than \(limit) bytes") }
        }
    }

    private mutating func extend(_ bytes: ArraySlice<UInt8>) {
        guard !isOverlong else { return }
        guard rest.count + bytes.count <= lineBytesMax else {
            isOverlong = true
            rest = []
            return
        }
        rest += bytes
    }

    private mutating func endLine(_ lines: inout [Line]) {
        if isAtEnd, rest.isEmpty, !isOverlong { return }
        lineNumber += 1
        if rest.last == UInt8(ascii: "\r") { rest.removeLast() }
        if isOverlong {
            lines.append(Line(number: lineNumber, bytes: nil))
        } else if rest.contains(where: { $0 != 0x20 && $0 != 0x09 }) {
            lines.append(Line(number: lineNumber, bytes: rest))
        }
        rest = []
        isOverlong = false
    }

    private mutating func readChunk() throws -> [UInt8] {
        let descriptor = descriptor
        let chunk = try [UInt8](unsafeUninitializedCapacity: Self.chunkBytes) { buffer, count in
            while true {
                let result = read(descriptor, buffer.baseAddress, buffer.count)
                if result >= 0 {
                    count = result
                    return
                }
                guard errno == EINTR else { throw CommandFailure(.failed, "reading failed: \(String(cString: strerror(errno)))") }
            }
        }
        position += chunk.count
        return chunk
    }
}
