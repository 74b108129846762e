/// A statement and its values. What is written in the literal is text; what is interpolated becomes a binding and can never be
/// read as SQL: `"UPDATE jobs SET phase = \(phase) WHERE id = \(id)"`.
public struct SQL: Sendable, Hashable {
    /// With a `?` for every value.
    public private(set) var text: String
    public private(set) var values: [SQLValue]

    /// Text that the program itself wrote, with no values.
    public init(_ text: StaticString) {
        self.text = text.description
        values = []
    }

    private init(text: String, values: [SQLValue]) {
        self.text = text
        self.values = values
    }

    public static func + (a: SQL, b: SQL) -> SQL { SQL(text: a.text + b.text, values: a.values + b.values) }

    public static func += (a: inout SQL, b: SQL) {
        a.text += b.text
        a.values += b.values
    }

    /// The parts, with `separator` between them.
    public static func joined(_ parts: [SQL], by separator: SQL) -> SQL {
        guard var whole = parts.first else { return "" }
        for part in parts.dropFirst() {
            whole += separator
            whole += part
        }
        return whole
    }
}

extension SQL: ExpressibleByStringInterpolation {
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var text: String
        fileprivate var values: [SQLValue] = []

        public init(literalCapacity: Int, interpolationCount: Int) {
            text = ""
            text.reserveCapacity(literalCapacity + interpolationCount)
            values.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { text += literal }

        public mutating func appendInterpolation(_ value: some SQLBindable) {
            text += "?"
            values.append(value.sqlValue)
        }

        public mutating func appendInterpolation(_ value: (some SQLBindable)?) {
            text += "?"
            values.append(value?.sqlValue ?? .null)
        }

        /// A part of a statement, with its own values.
        public mutating func appendInterpolation(_ part: SQL) {
            text += part.text
            values += part.values
        }

        /// A list of bindings in parentheses, for `IN`.
        public mutating func appendInterpolation(_ list: [some SQLBindable]) {
            text += "(" + String(repeating: "?,", count: max(0, list.count - 1)) + (list.isEmpty ? "" : "?") + ")"
            values += list.map(\.sqlValue)
        }
    }

    public init(stringLiteral value: String) { self.init(text: value, values: []) }
    public init(stringInterpolation: StringInterpolation) { self.init(text: stringInterpolation.text, values: stringInterpolation.values) }
}
