import NIOCore

/// One reply of Redis (RESP3, https://github.com/redis/redis-specifications/blob/master/protocol/RESP3.md; replies in RESP2 are the same
/// with fewer types). Bytes are slices of what was read, not copies.
enum RESPValue: Sendable, Hashable {
    case null
    case integer(Int)
    case double(Double)
    case boolean(Bool)
    /// Strings of every kind, simple, bulk and verbatim, and big numbers as their digits.
    case bytes(ByteBuffer)
    /// Arrays and sets.
    case array([RESPValue])
    /// Keys and values in turn.
    case map([RESPValue])
    /// A message that answers no command.
    case push([RESPValue])
    case refusal(RedisRefusal)
}

extension RESPValue {
    /// The text of a string, `nil` for anything else. Bytes that are not UTF-8 are replaced.
    var string: String? {
        guard case .bytes(let buffer) = self else { return nil }
        return String(buffer: buffer)
    }

    /// An integer, also one spelled in a string, as fields of a hash are.
    var int: Int? {
        switch self {
        case .integer(let number): number
        case .bytes(let buffer): Int(String(buffer: buffer))
        default: nil
        }
    }

    var buffer: ByteBuffer? {
        guard case .bytes(let buffer) = self else { return nil }
        return buffer
    }

    /// The elements of an array or a set, or keys and values in turn of a map.
    var elements: [RESPValue]? {
        switch self {
        case .array(let values), .map(let values): values
        default: nil
        }
    }

    /// The value of a key of a map, or of an array that stands for one (RESP2).
    subscript(key: String) -> RESPValue? {
        guard let elements else { return nil }
        var index = 0
        while index + 1 < elements.count {
            if elements[index].string == key { return elements[index + 1] }
            index += 2
        }
        return nil
    }

    var isNull: Bool { self == .null }

    var refusal: RedisRefusal? {
        guard case .refusal(let refusal) = self else { return nil }
        return refusal
    }
}
