import NIOCore

/// Turns bytes, in pieces of any size, into replies. Remembers how far it came: no byte of a long reply is looked at twice for each piece.
///
/// A pure value. Memory is bounded by the bytes that have really come, never by the lengths they claim.
struct RESPParser: Sendable {
    private struct Frame {
        let kind: RESPToken.Aggregate
        var missing: Int
        var values: [RESPValue]
    }

    private let limits: RESPLimits
    private var buffer = ByteBuffer()
    private var frames: [Frame] = []
    /// Bytes of the next token that have been searched for the end of its line.
    private var searched = 0
    /// Whether values that were read share the buffer's storage: to append to it would copy all of it.
    private var isShared = false
    /// Bytes and values of the reply under way.
    private var bytesRead = 0
    private var valuesRead = 0
    private var fault: RESPFault?

    init(_ limits: RESPLimits = RESPLimits()) {
        self.limits = limits
    }

    /// Takes the next piece.
    mutating func append(_ piece: ByteBuffer) {
        if buffer.readableBytes == 0 {
            buffer = piece
            // Its owner may hold it still.
            isShared = true
        } else if isShared {
            var joined = ByteBufferAllocator().buffer(capacity: 2 * (buffer.readableBytes + piece.readableBytes))
            joined.writeImmutableBuffer(buffer)
            joined.writeImmutableBuffer(piece)
            buffer = joined
            isShared = false
        } else {
            buffer.writeImmutableBuffer(piece)
        }
    }

    /// The next whole reply, `nil` where more bytes are needed.
    /// - Throws: `RESPFault`, and the same one ever after.
    mutating func next() throws(RESPFault) -> RESPValue? {
        if let fault { throw fault }
        do throws(RESPFault) {
            while buffer.readableBytes > 0 {
                switch try step() {
                case .starved: return nil
                case .opened: break
                case .value(let value):
                    guard let reply = complete(value) else { continue }
                    bytesRead = 0
                    valuesRead = 0
                    return reply
                }
            }
            return nil
        } catch {
            fault = error
            buffer = ByteBuffer()
            frames = []
            throw error
        }
    }

    private enum Step {
        case value(RESPValue)
        /// An aggregate, whose values follow.
        case opened
        case starved
    }

    private mutating func step() throws(RESPFault) -> Step {
        let (token, length) = buffer.withUnsafeReadableBytes { RESPToken.read($0, searched: searched, limits) }
        defer { buffer.moveReaderIndex(forwardBy: length) }
        bytesRead += length
        valuesRead += 1
        searched = 0
        guard bytesRead <= limits.reply else { throw .tooLong(bytesMax: limits.reply) }
        guard valuesRead <= limits.values else { throw .tooManyValues(max: limits.values) }
        switch token {
        case .null: return .value(.null)
        case .integer(let number): return .value(.integer(number))
        case .double(let number): return .value(.double(number))
        case .boolean(let flag): return .value(.boolean(flag))
        case .bytes(let range): return .value(.bytes(slice(range)))
        case .error(let range): return .value(.refusal(RedisRefusal(reply: String(buffer: slice(range)))))
        case .head(let kind, let count): return try open(kind, count)
        case .fault(let fault): throw fault
        case .incomplete(let searched):
            self.searched = searched
            valuesRead -= 1
            guard bytesRead + buffer.readableBytes <= limits.reply else { throw .tooLong(bytesMax: limits.reply) }
            return .starved
        }
    }

    private mutating func slice(_ range: Range<Int>) -> ByteBuffer {
        isShared = true
        return buffer.getSlice(at: buffer.readerIndex + range.lowerBound, length: range.count) ?? ByteBuffer()
    }

    private mutating func open(_ kind: RESPToken.Aggregate, _ count: Int) throws(RESPFault) -> Step {
        guard count > 0 else { return kind == .attribute ? .opened : .value(Self.value(kind, [])) }
        guard frames.count < limits.depth else { throw .tooDeep(max: limits.depth) }
        var values: [RESPValue] = []
        // The count is only a claim.
        values.reserveCapacity(min(count, 64))
        frames.append(Frame(kind: kind, missing: count, values: values))
        return .opened
    }

    /// Puts a value where it belongs. Returns the reply that is whole with it.
    private mutating func complete(_ value: RESPValue) -> RESPValue? {
        var value = value
        while let last = frames.indices.last {
            frames[last].values.append(value)
            frames[last].missing -= 1
            guard frames[last].missing == 0 else { return nil }
            let frame = frames.removeLast()
            // Attributes say something about the value that follows; nothing here asks for them.
            if frame.kind == .attribute { return nil }
            value = Self.value(frame.kind, frame.values)
        }
        return value
    }

    private static func value(_ kind: RESPToken.Aggregate, _ values: [RESPValue]) -> RESPValue {
        switch kind {
        case .map: .map(values)
        case .push: .push(values)
        case .array, .attribute: .array(values)
        }
    }
}
