/// A JSON value that comes out as it went in: numbers keep their digits, objects keep the order of their members.
///
/// Payloads are other people's data. A decoder that reads `12345678901234567890` as a `Double` has changed it.
public enum JSON: Sendable, Hashable {
    case null
    case bool(Bool)
    /// The number as it was spelled (RFC 8259, section 6).
    case number(String)
    case string(String)
    case array([JSON])
    case object([Member])

    public struct Member: Sendable, Hashable {
        public let name: String
        public let value: JSON

        public init(_ name: String, _ value: JSON) {
            self.name = name
            self.value = value
        }
    }

    /// The member of this name, where this is an object that has one.
    public subscript(name: String) -> JSON? {
        guard case .object(let members) = self else { return nil }
        return members.first { $0.name == name }?.value
    }

    public var stringValue: String? {
        if case .string(let text) = self { text } else { nil }
    }

    public var boolValue: Bool? {
        if case .bool(let flag) = self { flag } else { nil }
    }

    /// The number, where it is a whole one that fits.
    public var integerValue: Int? {
        if case .number(let digits) = self { Int(digits) } else { nil }
    }

    public var doubleValue: Double? {
        if case .number(let digits) = self { Double(digits) } else { nil }
    }

    public var isNull: Bool { self == .null }

    public static func integer(_ value: some BinaryInteger) -> JSON { .number(String(value)) }

    /// `null` where the value is not finite, since JSON has no word for it.
    public static func real(_ value: Double) -> JSON { value.isFinite ? .number("\(value)") : .null }
}

extension JSON: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral, ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral,
    ExpressibleByDictionaryLiteral, ExpressibleByNilLiteral
{
    public init(stringLiteral value: String) { self = .string(value) }
    public init(booleanLiteral value: Bool) { self = .bool(value) }
    public init(integerLiteral value: Int) { self = .number(String(value)) }
    public init(arrayLiteral elements: JSON...) { self = .array(elements) }
    public init(dictionaryLiteral elements: (String, JSON)...) { self = .object(elements.map { Member($0.0, $0.1) }) }
    public init(nilLiteral: ()) { self = .null }
}
