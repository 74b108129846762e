/// A list of values that is one value to PostgreSQL: `unnest(\(array: names))`, `= ANY(\(array: ids))`.
///
/// Kept as the bytes that go over the wire, so that a column of ten thousand rows is one buffer and not ten thousand values.
public struct SQLArray: Sendable, Hashable {
    public let type: SQLType
    public let count: Int
    /// Each element's length and bytes, as `array_recv` of PostgreSQL reads them.
    let elements: [UInt8]
    let hasNull: Bool

    public init<Value: SQLBindable>(_ values: some Collection<Value>) {
        type = Value.sqlType
        count = values.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 16)
        for value in values { value.sqlValue.appendBinary(to: &bytes) }
        elements = bytes
        hasNull = false
    }

    public init<Value: SQLBindable>(_ values: some Collection<Value?>) {
        type = Value.sqlType
        count = values.count
        var bytes: [UInt8] = []
        bytes.reserveCapacity(count * 16)
        var hasNull = false
        for value in values {
            if let value {
                value.sqlValue.appendBinary(to: &bytes)
            } else {
                hasNull = true
                SQLValue.null.appendBinary(to: &bytes)
            }
        }
        elements = bytes
        self.hasNull = hasNull
    }

    init(type: SQLType, count: Int, elements: [UInt8], hasNull: Bool) {
        self.type = type
        self.count = count
        self.elements = elements
        self.hasNull = hasNull
    }

    /// The elements; `nil` where one is null or of another type.
    public func values<Value: SQLBindable>(as type: Value.Type = Value.self) -> [Value]? {
        var values: [Value] = []
        values.reserveCapacity(count)
        var reader = BinaryReader(elements)
        for _ in 0..<count {
            guard let length = reader.int32(), length >= 0, let bytes = reader.take(Int(length)), let read = SQLValue(self.type, bytes),
                let value = Value(read)
            else { return nil }
            values.append(value)
        }
        return values
    }
}
