import NIOCore

/// One command, encoded as it is built. Arguments are bytes to Redis: nothing in them is ever read as syntax.
struct RedisCommand: Sendable, Hashable {
    /// Room for the head, "*", a count and an end of line, which is written last and stands before the arguments.
    private static let headSize = 24

    private var buffer: ByteBuffer
    private(set) var argumentCount = 0

    /// - Parameters:
    ///   - words: the command's name and the arguments that are text.
    ///   - capacity: bytes of the arguments still to be added.
    init(_ words: String..., capacity: Int = 0) {
        self.init(words: words, capacity: capacity)
    }

    init(words: [String], capacity: Int = 0) {
        let size = words.reduce(Self.headSize + capacity) { $0 + $1.utf8.count + 16 }
        buffer = ByteBufferAllocator().buffer(capacity: size)
        buffer.moveWriterIndex(to: Self.headSize)
        buffer.moveReaderIndex(to: Self.headSize)
        for word in words { add(word) }
    }

    /// Calls a function of a loaded library (`FCALL`).
    static func call(_ function: String, keys: [String], capacity: Int = 0) -> RedisCommand {
        var command = RedisCommand(words: ["FCALL", function], capacity: capacity + keys.reduce(16) { $0 + $1.utf8.count + 16 })
        command.add(keys.count)
        for key in keys { command.add(key) }
        return command
    }

    mutating func add(_ text: String) {
        begin(text.utf8.count)
        buffer.writeString(text)
        end()
    }

    mutating func add(_ number: Int) { add(String(number)) }

    mutating func add(_ bytes: ByteBuffer) {
        begin(bytes.readableBytes)
        buffer.writeImmutableBuffer(bytes)
        end()
    }

    mutating func add(_ bytes: some Collection<UInt8>) {
        begin(bytes.count)
        buffer.writeBytes(bytes)
        end()
    }

    private mutating func begin(_ length: Int) {
        buffer.writeInteger(UInt8(ascii: "$"))
        buffer.writeString(String(length))
        buffer.writeStaticString("\r\n")
    }

    private mutating func end() {
        buffer.writeStaticString("\r\n")
        argumentCount += 1
        writeHead()
    }

    /// Right before the arguments, so that they need not be moved however many digits the count has.
    private mutating func writeHead() {
        var start = Self.headSize - 2
        _ = buffer.setStaticString("\r\n", at: start)
        var digits = argumentCount
        repeat {
            start -= 1
            buffer.setInteger(UInt8(48 + digits % 10), at: start)
            digits /= 10
        } while digits > 0
        start -= 1
        buffer.setInteger(UInt8(ascii: "*"), at: start)
        buffer.moveReaderIndex(to: start)
    }

    /// What goes over the wire.
    var encoded: ByteBuffer { buffer }
}

extension RedisCommand: CustomStringConvertible, CustomReflectable {
    /// Without the arguments: they may be anything, a password too.
    var description: String { "a command of \(argumentCount) words" }
    var customMirror: Mirror { Mirror(self, children: []) }
}
