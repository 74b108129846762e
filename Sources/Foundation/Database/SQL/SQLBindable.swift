import MartletCore

/// A value that can be interpolated into a statement, where it becomes a binding, and read back from a row.
public protocol SQLBindable {
    /// The type of the binding: PostgreSQL is told it and never guesses.
    static var sqlType: SQLType { get }
    var sqlValue: SQLValue { get }
    /// `nil` where the column holds something else.
    init?(_ value: SQLValue)
}

extension Int64: SQLBindable {
    public static var sqlType: SQLType { .integer }
    public var sqlValue: SQLValue { .integer(self) }
    public init?(_ value: SQLValue) {
        guard case .integer(let number) = value else { return nil }
        self = number
    }
}

extension Int: SQLBindable {
    public static var sqlType: SQLType { .integer }
    public var sqlValue: SQLValue { .integer(Int64(self)) }
    public init?(_ value: SQLValue) {
        guard case .integer(let number) = value else { return nil }
        self.init(exactly: number)
    }
}

extension Bool: SQLBindable {
    public static var sqlType: SQLType { .boolean }
    public var sqlValue: SQLValue { .boolean(self) }
    public init?(_ value: SQLValue) {
        switch value {
        case .boolean(let flag): self = flag
        case .integer(let number): self = number != 0
        default: return nil
        }
    }
}

extension Double: SQLBindable {
    public static var sqlType: SQLType { .real }
    public var sqlValue: SQLValue { .real(self) }
    public init?(_ value: SQLValue) {
        switch value {
        case .real(let number): self = number
        case .integer(let number): self = Double(number)
        default: return nil
        }
    }
}

extension String: SQLBindable {
    public static var sqlType: SQLType { .text }
    public var sqlValue: SQLValue { .text(self) }
    public init?(_ value: SQLValue) {
        guard case .text(let text) = value else { return nil }
        self = text
    }
}

extension [UInt8]: SQLBindable {
    public static var sqlType: SQLType { .bytes }
    public var sqlValue: SQLValue { .blob(self) }
    public init?(_ value: SQLValue) {
        guard case .blob(let bytes) = value else { return nil }
        self = bytes
    }
}

/// The one representation of time: an instant in UTC. There is no binding for a date or a time without a zone.
extension Timestamp: SQLBindable {
    public static var sqlType: SQLType { .instant }
    public var sqlValue: SQLValue { .instant(self) }
    public init?(_ value: SQLValue) {
        switch value {
        case .instant(let instant): self = instant
        case .integer(let microseconds): self.init(microseconds: microseconds)
        default: return nil
        }
    }
}

extension JobID: SQLBindable {
    public static var sqlType: SQLType { .id }
    public var sqlValue: SQLValue { .id(self) }
    public init?(_ value: SQLValue) {
        switch value {
        case .id(let id): self = id
        case .blob(let bytes):
            var reader = BinaryReader(bytes)
            guard bytes.count == 16, let high = reader.word(), let low = reader.word() else { return nil }
            self.init(high: high, low: low)
        default: return nil
        }
    }
}

extension SQLJSON: SQLBindable {
    public static var sqlType: SQLType { .json }
    public var sqlValue: SQLValue { .json(text) }
    public init?(_ value: SQLValue) {
        switch value {
        case .json(let text), .text(let text): self.init(text)
        default: return nil
        }
    }
}
