import MartletCore
import NIOCore

/// Reads MessagePack values one after another. Behind the last one every value is nil.
struct PackReader {
    private var buffer: ByteBuffer

    init(_ buffer: ByteBuffer) { self.buffer = buffer }

    var isAtEnd: Bool { buffer.readableBytes == 0 }

    mutating func int() throws(StoreError) -> Int {
        guard let number = try optionalInt() else { throw .unreadable }
        return number
    }

    /// Also one that was spelled as text, being too large for Lua.
    mutating func optionalInt() throws(StoreError) -> Int? {
        guard let tag = buffer.readInteger(as: UInt8.self) else { return nil }
        switch tag {
        case 0xC0: return nil
        case 0...0x7F: return Int(tag)
        case 0xE0...0xFF: return Int(Int8(bitPattern: tag))
        case 0xCC: return Int(try word(UInt8.self))
        case 0xCD: return Int(try word(UInt16.self))
        case 0xCE: return Int(try word(UInt32.self))
        case 0xCF: return Int(exactly: try word(UInt64.self))
        case 0xD0: return Int(try word(Int8.self))
        case 0xD1: return Int(try word(Int16.self))
        case 0xD2: return Int(try word(Int32.self))
        case 0xD3: return Int(try word(Int64.self))
        case 0xCA: return Int(exactly: Float(bitPattern: try word(UInt32.self)))
        case 0xCB: return Int(exactly: Double(bitPattern: try word(UInt64.self)))
        default:
            guard let length = try length(tag), let text = buffer.readString(length: length), let number = Int(text) else { throw .unreadable }
            return number
        }
    }

    mutating func double() throws(StoreError) -> Double {
        switch buffer.getInteger(at: buffer.readerIndex, as: UInt8.self) {
        case 0xCB:
            buffer.moveReaderIndex(forwardBy: 1)
            return Double(bitPattern: try word(UInt64.self))
        case 0xCA:
            buffer.moveReaderIndex(forwardBy: 1)
            return Double(Float(bitPattern: try word(UInt32.self)))
        default: return Double(try int())
        }
    }

    mutating func bool() throws(StoreError) -> Bool {
        switch buffer.readInteger(as: UInt8.self) {
        case 0xC3: return true
        case 0xC2, 0xC0, nil: return false
        default: throw .unreadable
        }
    }

    mutating func string() throws(StoreError) -> String {
        guard let text = try optionalString() else { throw .unreadable }
        return text
    }

    mutating func optionalString() throws(StoreError) -> String? {
        guard let slice = try optionalBytes() else { return nil }
        return String(buffer: slice)
    }

    mutating func bytes() throws(StoreError) -> ByteBuffer {
        guard let slice = try optionalBytes() else { throw .unreadable }
        return slice
    }

    /// Nil and `false` are no bytes.
    mutating func optionalBytes() throws(StoreError) -> ByteBuffer? {
        guard let tag = buffer.readInteger(as: UInt8.self), tag != 0xC0, tag != 0xC2 else { return nil }
        guard let length = try length(tag), let slice = buffer.readSlice(length: length) else { throw .unreadable }
        return slice
    }

    mutating func id() throws(StoreError) -> JobID {
        guard let id = JobID(bytes: try bytes()) else { throw .unreadable }
        return id
    }

    mutating func optionalDuration() throws(StoreError) -> Duration? { try optionalInt().map { .microseconds($0) } }

    mutating func optionalTime() throws(StoreError) -> Timestamp? { try optionalInt().map { Timestamp(microseconds: Int64($0)) } }

    mutating func time() throws(StoreError) -> Timestamp { Timestamp(microseconds: Int64(try int())) }

    private mutating func length(_ tag: UInt8) throws(StoreError) -> Int? {
        switch tag {
        case 0xA0...0xBF: Int(tag & 31)
        case 0xD9, 0xC4: Int(try word(UInt8.self))
        case 0xDA, 0xC5: Int(try word(UInt16.self))
        case 0xDB, 0xC6: Int(try word(UInt32.self))
        default: nil
        }
    }

    private mutating func word<Word: FixedWidthInteger>(_: Word.Type) throws(StoreError) -> Word {
        guard let word = buffer.readInteger(as: Word.self) else { throw .unreadable }
        return word
    }
}

extension JobID {
    init?(bytes: ByteBuffer) {
        var bytes = bytes
        guard bytes.readableBytes == 16, let high = bytes.readInteger(as: UInt64.self), let low = bytes.readInteger(as: UInt64.self) else {
            return nil
        }
        self.init(high: high, low: low)
    }
}

extension StoreError {
    /// What was read is nothing that the store has written.
    static let unreadable = StoreError.corrupt(reason: "a value in Redis is not one that Martlet has written: does something else use the prefix?")
}
