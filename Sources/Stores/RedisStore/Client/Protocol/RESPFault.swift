/// Why bytes are no reply of Redis. Nothing that follows them can be read: the connection is of no further use.
enum RESPFault: Error, Sendable, Hashable, CustomStringConvertible {
    /// No type begins with this byte.
    case unknownType(UInt8)
    case badNumber
    case badLength
    /// A line or a string that does not end where it must.
    case unterminated
    case tooLong(bytesMax: Int)
    case tooManyValues(max: Int)
    case tooDeep(max: Int)
    /// A reply to nothing that was asked.
    case unasked

    var description: String {
        switch self {
        case .unknownType(let byte): "a reply begins with the byte \(byte), which stands for no type: is this really a Redis server?"
        case .badNumber: "a reply holds a number that is none"
        case .badLength: "a reply holds a length that is none"
        case .unterminated: "a reply does not end where it says"
        case .tooLong(let max): "a reply is longer than the \(max) bytes allowed"
        case .tooManyValues(let max): "a reply holds more than the \(max) values allowed"
        case .tooDeep(let max): "a reply is nested deeper than the \(max) levels allowed"
        case .unasked: "the server answered something that was not asked"
        }
    }
}
