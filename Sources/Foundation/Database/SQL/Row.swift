/// One row of an answer, copied out of the connection.
public struct Row: Sendable, Hashable {
    private let columns: [String]
    private let values: [SQLValue]

    init(columns: [String], values: [SQLValue]) {
        self.columns = columns
        self.values = values
    }

    /// - Throws: where there is no such column, or it holds something else (`null` included).
    public func get<Value: SQLBindable>(_ column: String, as type: Value.Type = Value.self) throws(DatabaseFailure) -> Value {
        guard let value = Value(try self.value(column)) else { throw Self.mismatch(column) }
        return value
    }

    /// `nil` for `null`.
    /// - Throws: where there is no such column, or it holds something else.
    public func optional<Value: SQLBindable>(_ column: String, as type: Value.Type = Value.self) throws(DatabaseFailure) -> Value? {
        let stored = try value(column)
        if stored == .null { return nil }
        guard let value = Value(stored) else { throw Self.mismatch(column) }
        return value
    }

    /// The value of the column at `position`, counted from zero.
    /// - Throws: where there is no such column, or it holds something else (`null` included).
    public func get<Value: SQLBindable>(_ position: Int, as type: Value.Type = Value.self) throws(DatabaseFailure) -> Value {
        guard values.indices.contains(position), let value = Value(values[position]) else { throw Self.mismatch(String(position)) }
        return value
    }

    /// The elements of an array.
    /// - Throws: where there is no such column, or it holds something else (`null` included, alone or as an element).
    public func array<Value: SQLBindable>(_ column: String, of type: Value.Type = Value.self) throws(DatabaseFailure) -> [Value] {
        guard case .array(let array) = try value(column), let values = array.values(as: type) else { throw Self.mismatch(column) }
        return values
    }

    private func value(_ column: String) throws(DatabaseFailure) -> SQLValue {
        guard let index = columns.firstIndex(of: column) else { throw Self.mismatch(column) }
        return values[index]
    }

    private static func mismatch(_ column: String) -> DatabaseFailure {
        DatabaseFailure(.corrupt, reason: "column '\(column)' is missing or holds a value of another type", mayHaveHappened: false)
    }
}
