/// Reads PostgreSQL's binary formats: big-endian numbers, one after another.
struct BinaryReader {
    private var rest: ArraySlice<UInt8>

    init(_ bytes: [UInt8]) { rest = bytes[...] }
    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    mutating func take(_ count: Int) -> ArraySlice<UInt8>? {
        guard count <= rest.count else { return nil }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    var remaining: [UInt8] { Array(rest) }

    private mutating func number<Number: FixedWidthInteger>(_ type: Number.Type) -> Number? {
        take(Number.bitWidth / 8)?.withUnsafeBytes { Number(bigEndian: $0.loadUnaligned(as: Number.self)) }
    }

    mutating func int16() -> Int16? { number(Int16.self) }
    mutating func int32() -> Int32? { number(Int32.self) }
    mutating func int64() -> Int64? { number(Int64.self) }
    mutating func word() -> UInt64? { number(UInt64.self) }
}
