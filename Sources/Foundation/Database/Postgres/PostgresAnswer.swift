import CLibPQ

/// What the server answered to one statement, still in libpq's memory: read by position, it costs no copy of what is not read.
public final class PostgresAnswer: RandomAccessCollection {
    let result: OpaquePointer
    public let count: Int

    init(_ result: OpaquePointer) {
        self.result = result
        count = Int(PQntuples(result))
    }

    deinit { PQclear(result) }

    public var startIndex: Int { 0 }
    public var endIndex: Int { count }
    public subscript(position: Int) -> PostgresRow { PostgresRow(answer: self, index: Int32(position)) }

    /// Rows that the statement inserted, updated, deleted or returned.
    public var changes: Int {
        var changes = 0
        guard let text = PQcmdTuples(result) else { return 0 }
        var position = text
        while position.pointee >= 48 && position.pointee <= 57 {
            changes = changes * 10 + Int(position.pointee - 48)
            position += 1
        }
        return changes
    }

    public var columnNames: [String] {
        (0..<PQnfields(result)).map { column in PQfname(result, column).map { String(cString: $0) } ?? "" }
    }

    /// The rows, copied out.
    /// - Throws: `corrupt` where a column is of a type that has no meaning in both engines: cast it in the statement.
    public func rows() throws(DatabaseFailure) -> [Row] {
        let names = columnNames
        var rows: [Row] = []
        rows.reserveCapacity(count)
        for row in self {
            var values: [SQLValue] = []
            values.reserveCapacity(names.count)
            for column in names.indices { values.append(try row.value(column)) }
            rows.append(Row(columns: names, values: values))
        }
        return rows
    }
}
