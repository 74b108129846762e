/// A value that can be interpolated into a statement, where it becomes a binding, and read back from a row.
public protocol SQLBindable {
    var sqlValue: SQLValue { get }
    /// `nil` where the column holds something else.
    init?(_ value: SQLValue)
}

extension SQLValue: SQLBindable {
    public var sqlValue: SQLValue { self }
    public init?(_ value: SQLValue) { self = value }
}

extension Int64: SQLBindable {
    public var sqlValue: SQLValue { .integer(self) }
    public init?(_ value: SQLValue) {
        guard case .integer(let number) = value else { return nil }
        self = number
    }
}

extension Int: SQLBindable {
    public var sqlValue: SQLValue { .integer(Int64(self)) }
    public init?(_ value: SQLValue) {
        guard case .integer(let number) = value else { return nil }
        self.init(exactly: number)
    }
}

extension Bool: SQLBindable {
    public var sqlValue: SQLValue { .integer(self ? 1 : 0) }
    public init?(_ value: SQLValue) {
        guard case .integer(let number) = value else { return nil }
        self = number != 0
    }
}

extension Double: SQLBindable {
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
    public var sqlValue: SQLValue { .text(self) }
    public init?(_ value: SQLValue) {
        guard case .text(let text) = value else { return nil }
        self = text
    }
}

extension [UInt8]: SQLBindable {
    public var sqlValue: SQLValue { .blob(self) }
    public init?(_ value: SQLValue) {
        guard case .blob(let bytes) = value else { return nil }
        self = bytes
    }
}
