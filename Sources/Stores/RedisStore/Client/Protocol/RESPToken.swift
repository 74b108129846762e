import NIOCore

/// The next piece of a reply: a whole scalar, or the head of an aggregate. Positions count from the bytes' beginning.
enum RESPToken {
    enum Aggregate { case array, map, push, attribute }

    case null
    case integer(Int)
    case double(Double)
    case boolean(Bool)
    case bytes(Range<Int>)
    case error(Range<Int>)
    case head(Aggregate, count: Int)
    /// More bytes are needed. `searched` bytes hold no end of the line.
    case incomplete(searched: Int)
    case fault(RESPFault)
}

extension RESPToken {
    /// Reads the token at the beginning of `bytes`.
    /// - Parameter searched: what an earlier look at the same bytes has searched in vain.
    /// - Returns: the token and how many bytes it takes.
    static func read(_ bytes: UnsafeRawBufferPointer, searched: Int, _ limits: RESPLimits) -> (RESPToken, length: Int) {
        guard let type = bytes.first else { return (.incomplete(searched: 0), 0) }
        guard isType(type) else { return (.fault(.unknownType(type)), 0) }
        let scanned = min(bytes.count, limits.line + 2)
        var end = max(1, searched)
        while end < scanned, bytes[end] != 0x0D { end += 1 }
        guard end + 1 < bytes.count, end < scanned else {
            return (bytes.count > limits.line + 1 ? .fault(.tooLong(bytesMax: limits.line)) : .incomplete(searched: min(end, scanned)), 0)
        }
        guard bytes[end + 1] == 0x0A else { return (.fault(.unterminated), 0) }
        let line = 1..<end
        switch type {
        case UInt8(ascii: "+"), UInt8(ascii: "("): return (.bytes(line), end + 2)
        case UInt8(ascii: "-"): return (.error(line), end + 2)
        case UInt8(ascii: ":"): return (integer(bytes[line]).map(Self.integer) ?? .fault(.badNumber), end + 2)
        case UInt8(ascii: "$"), UInt8(ascii: "="), UInt8(ascii: "!"): return string(type, bytes, line, limits)
        case UInt8(ascii: "*"), UInt8(ascii: "~"), UInt8(ascii: "%"), UInt8(ascii: ">"), UInt8(ascii: "|"):
            return (head(type, bytes[line], limits), end + 2)
        default: return (scalar(type, bytes[line]), end + 2)
        }
    }

    private static func isType(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "+"), UInt8(ascii: "-"), UInt8(ascii: ":"), UInt8(ascii: "$"), UInt8(ascii: "*"), UInt8(ascii: "_"), UInt8(ascii: "#"),
            UInt8(ascii: ","), UInt8(ascii: "("), UInt8(ascii: "!"), UInt8(ascii: "="), UInt8(ascii: "%"), UInt8(ascii: "~"), UInt8(ascii: ">"),
            UInt8(ascii: "|"):
            true
        default: false
        }
    }

    private static func string(_ type: UInt8, _ bytes: UnsafeRawBufferPointer, _ line: Range<Int>, _ limits: RESPLimits) -> (RESPToken, length: Int) {
        guard let length = integer(bytes[line]) else { return (.fault(.badLength), 0) }
        let start = line.upperBound + 2
        if length == -1, type == UInt8(ascii: "$") { return (.null, start) }
        guard length >= 0 else { return (.fault(.badLength), 0) }
        guard length <= limits.string else { return (.fault(.tooLong(bytesMax: limits.string)), 0) }
        let end = start + length
        guard end + 2 <= bytes.count else { return (.incomplete(searched: line.upperBound), 0) }
        guard bytes[end] == 0x0D, bytes[end + 1] == 0x0A else { return (.fault(.unterminated), 0) }
        if type == UInt8(ascii: "!") { return (.error(start..<end), end + 2) }
        if type == UInt8(ascii: "=") {
            // Three letters of the format and a colon stand before the text.
            guard length >= 4, bytes[start + 3] == UInt8(ascii: ":") else { return (.fault(.badLength), 0) }
            return (.bytes(start + 4..<end), end + 2)
        }
        return (.bytes(start..<end), end + 2)
    }

    private static func head(_ type: UInt8, _ digits: Slice<UnsafeRawBufferPointer>, _ limits: RESPLimits) -> RESPToken {
        guard let count = integer(digits) else { return .fault(.badLength) }
        if count == -1, type == UInt8(ascii: "*") { return .null }
        guard count >= 0 else { return .fault(.badLength) }
        guard count <= limits.values else { return .fault(.tooManyValues(max: limits.values)) }
        switch type {
        case UInt8(ascii: "%"): return .head(.map, count: 2 * count)
        case UInt8(ascii: "|"): return .head(.attribute, count: 2 * count)
        case UInt8(ascii: ">"): return .head(.push, count: count)
        default: return .head(.array, count: count)
        }
    }

    private static func scalar(_ type: UInt8, _ text: Slice<UnsafeRawBufferPointer>) -> RESPToken {
        switch type {
        case UInt8(ascii: "_"): return text.isEmpty ? .null : .fault(.badLength)
        case UInt8(ascii: "#"):
            guard text.count == 1 else { return .fault(.badLength) }
            switch text.first {
            case UInt8(ascii: "t"): return .boolean(true)
            case UInt8(ascii: "f"): return .boolean(false)
            default: return .fault(.badLength)
            }
        default:
            // ',' is the last of the types.
            guard text.count <= 64, let number = Double(String(decoding: text, as: UTF8.self)) else { return .fault(.badNumber) }
            return .double(number)
        }
    }

    /// A decimal number with an optional sign, and nothing else.
    private static func integer(_ text: Slice<UnsafeRawBufferPointer>) -> Int? {
        var index = text.startIndex
        var isNegative = false
        if let sign = text.first, sign == UInt8(ascii: "-") || sign == UInt8(ascii: "+") {
            isNegative = sign == UInt8(ascii: "-")
            index += 1
        }
        guard index < text.endIndex, text.endIndex - index <= 20 else { return nil }
        var number = 0
        while index < text.endIndex {
            let digit = Int(text[index]) - 48
            guard (0...9).contains(digit) else { return nil }
            let (tenfold, overflows) = number.multipliedReportingOverflow(by: 10)
            let (sum, alsoOverflows) = isNegative ? tenfold.subtractingReportingOverflow(digit) : tenfold.addingReportingOverflow(digit)
            guard !overflows, !alsoOverflows else { return nil }
            number = sum
            index += 1
        }
        return number
    }
}
