/// A statement and its values. What is written in the literal is text; what is interpolated becomes a binding and can never be
/// read as SQL: `"UPDATE jobs SET phase = \(phase) WHERE id = \(id)"`. One value serves both engines.
public struct SQL: Sendable, Hashable {
    /// As SQLite reads it, with a `?` for every value.
    public private(set) var text: String
    public private(set) var values: [SQLValue]
    /// Where PostgreSQL is told something else, in order.
    private var marks: [Mark] = []

    /// A part of the text, in bytes, and what PostgreSQL reads in its place: `$1`, `$2`, … where nothing is said.
    private struct Mark: Hashable {
        var offset: Int
        var length: Int
        var postgres: String?
    }

    /// Text that the program itself wrote, with no values.
    public init(_ text: StaticString) {
        self.init(literal: text.description)
    }

    private init(literal: String) {
        text = literal
        values = []
    }

    /// The same, spelled differently by the two engines. Neither text holds values.
    public static func either(sqlite: StaticString, postgres: StaticString) -> SQL {
        var sql = SQL(literal: sqlite.description)
        sql.marks = [Mark(offset: 0, length: sql.text.utf8.count, postgres: postgres.description)]
        return sql
    }

    public static func + (a: SQL, b: SQL) -> SQL {
        var sum = a
        sum += b
        return sum
    }

    public static func += (a: inout SQL, b: SQL) {
        let start = a.text.utf8.count
        a.text += b.text
        a.values += b.values
        a.marks += b.marks.map { Mark(offset: $0.offset + start, length: $0.length, postgres: $0.postgres) }
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

    /// As PostgreSQL reads it, with `$1`, `$2`, … for the values.
    func appendPostgres(to bytes: inout [UInt8]) {
        var copy = text
        copy.withUTF8 { source in
            var position = 0
            var number = 0
            for mark in marks {
                bytes += source[position..<mark.offset]
                if let postgres = mark.postgres {
                    bytes += postgres.utf8
                } else {
                    number += 1
                    bytes.append(UInt8(ascii: "$"))
                    bytes += String(number).utf8
                }
                position = mark.offset + mark.length
            }
            bytes += source[position...]
        }
    }
}

extension SQL: ExpressibleByStringInterpolation {
    public struct StringInterpolation: StringInterpolationProtocol {
        fileprivate var sql: SQL

        public init(literalCapacity: Int, interpolationCount: Int) {
            sql = SQL(literal: "")
            sql.text.reserveCapacity(literalCapacity + interpolationCount)
            sql.values.reserveCapacity(interpolationCount)
            sql.marks.reserveCapacity(interpolationCount)
        }

        public mutating func appendLiteral(_ literal: String) { sql.text += literal }

        private mutating func bind(_ value: SQLValue) {
            sql.marks.append(Mark(offset: sql.text.utf8.count, length: 1, postgres: nil))
            sql.text += "?"
            sql.values.append(value)
        }

        public mutating func appendInterpolation(_ value: some SQLBindable) { bind(value.sqlValue) }

        public mutating func appendInterpolation<Value: SQLBindable>(_ value: Value?) { bind(value?.sqlValue ?? .nullOf(Value.sqlType)) }

        /// A part of a statement, with its own values.
        public mutating func appendInterpolation(_ part: SQL) { sql += part }

        /// A list of bindings in parentheses, for `IN`.
        public mutating func appendInterpolation(_ list: [some SQLBindable]) {
            sql.text += "("
            for (index, value) in list.enumerated() {
                if index > 0 { sql.text += "," }
                bind(value.sqlValue)
            }
            sql.text += ")"
        }

        /// A list as one value, for `unnest` and `ANY`. PostgreSQL alone has it.
        public mutating func appendInterpolation<Value: SQLBindable>(array values: [Value]) { bind(.array(SQLArray(values))) }

        public mutating func appendInterpolation<Value: SQLBindable>(array values: [Value?]) { bind(.array(SQLArray(values))) }

        /// The name of a column's type in a portable schema: `"at \(type: .instant) NOT NULL"`.
        public mutating func appendInterpolation(type: SQLType) {
            let (sqlite, postgres) = type.names
            sql.marks.append(Mark(offset: sql.text.utf8.count, length: sqlite.utf8.count, postgres: postgres))
            sql.text += sqlite
        }
    }

    public init(stringLiteral value: String) { self.init(literal: value) }
    public init(stringInterpolation: StringInterpolation) { self = stringInterpolation.sql }
}

extension SQL {
    /// A name, quoted: what is between the quotes is never read as SQL.
    init(identifier: String) {
        self.init(stringLiteral: "\"" + identifier.split(separator: "\"", omittingEmptySubsequences: false).joined(separator: "\"\"") + "\"")
    }
}
