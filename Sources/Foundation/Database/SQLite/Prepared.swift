import GRDB
import GRDBSQLite
import MartletCore

/// A prepared statement on SQLite's own interface: the one place that calls it, because at a hundred thousand statements a second
/// the cost of a generic row or argument list is most of the time spent.
///
/// Values are bound in order with `bind`, then `run`, `first` or `forEach` executes. The statement is ready for its next use after each.
public final class Prepared {
    private let statement: Statement
    private let pointer: OpaquePointer
    private var position: Int32 = 0

    /// Copied by SQLite before the call returns.
    private static let transient = unsafeBitCast(-1, to: sqlite3_destructor_type.self)

    init(_ statement: Statement) {
        self.statement = statement
        pointer = statement.sqliteStatement
        reset()
    }

    // MARK: Values

    @discardableResult
    public func bind(_ value: Int64) -> Prepared {
        position += 1
        sqlite3_bind_int64(pointer, position, value)
        return self
    }

    @discardableResult
    public func bind(_ value: Int) -> Prepared { bind(Int64(value)) }

    @discardableResult
    public func bind(_ value: Bool) -> Prepared { bind(value ? 1 as Int64 : 0) }

    @discardableResult
    public func bind(_ value: Int64?) -> Prepared {
        if let value { return bind(value) }
        return bindNull()
    }

    @discardableResult
    public func bind(_ value: Double?) -> Prepared {
        guard let value else { return bindNull() }
        position += 1
        sqlite3_bind_double(pointer, position, value)
        return self
    }

    @discardableResult
    public func bind(_ value: String?) -> Prepared {
        guard var value else { return bindNull() }
        position += 1
        value.withUTF8 { bytes in
            _ = bytes.withMemoryRebound(to: CChar.self) {
                // An empty string may have no address, and no address would bind null.
                sqlite3_bind_text(pointer, position, $0.baseAddress ?? UnsafePointer(bitPattern: 1), Int32($0.count), Self.transient)
            }
        }
        return self
    }

    @discardableResult
    public func bind(_ value: [UInt8]?) -> Prepared {
        guard let value else { return bindNull() }
        position += 1
        if value.isEmpty {
            sqlite3_bind_zeroblob(pointer, position, 0)
        } else {
            value.withUnsafeBytes { _ = sqlite3_bind_blob(pointer, position, $0.baseAddress, Int32($0.count), Self.transient) }
        }
        return self
    }

    /// Sixteen bytes, most significant first, so that they sort like the number.
    @discardableResult
    public func bind(high: UInt64, low: UInt64) -> Prepared {
        position += 1
        withUnsafeBytes(of: (high.bigEndian, low.bigEndian)) { _ = sqlite3_bind_blob(pointer, position, $0.baseAddress, 16, Self.transient) }
        return self
    }

    @discardableResult
    public func bindNull() -> Prepared {
        position += 1
        sqlite3_bind_null(pointer, position)
        return self
    }

    /// - Throws: for an array, which SQLite does not have.
    @discardableResult
    func bind(_ value: SQLValue) throws(DatabaseFailure) -> Prepared {
        switch value {
        case .null, .nullOf: bindNull()
        case .boolean(let flag): bind(flag)
        case .integer(let number): bind(number)
        case .real(let number): bind(number)
        case .text(let text), .json(let text): bind(text)
        case .blob(let bytes): bind(bytes)
        case .instant(let instant): bind(instant.microseconds)
        case .id(let id): bind(high: id.high, low: id.low)
        case .array:
            throw DatabaseFailure(.corrupt, reason: "SQLite has no arrays: bind a list in parentheses, or run the statement on PostgreSQL")
        }
    }

    // MARK: Execution

    public func run() throws {
        defer { reset() }
        while try step() {}
    }

    /// The first row, read while the statement stands on it.
    public func first<Value>(_ read: (Prepared) throws -> Value) throws -> Value? {
        defer { reset() }
        return try step() ? try read(self) : nil
    }

    /// Every row. `visit` must not use this statement again, and answers whether to go on.
    public func whileRows(_ visit: (Prepared) throws -> Bool) throws {
        defer { reset() }
        while try step() {
            guard try visit(self) else { return }
        }
    }

    public func map<Value>(_ read: (Prepared) throws -> Value) throws -> [Value] {
        var values: [Value] = []
        try whileRows {
            values.append(try read($0))
            return true
        }
        return values
    }

    private func step() throws(DatabaseFailure) -> Bool {
        switch sqlite3_step(pointer) {
        case SQLITE_ROW: return true
        case SQLITE_DONE: return false
        default: throw DatabaseFailure(sqlite: sqlite3_extended_errcode(sqlite3_db_handle(pointer)))
        }
    }

    private func reset() {
        sqlite3_reset(pointer)
        position = 0
    }

    // MARK: Columns

    public var columnNames: [String] {
        (0..<sqlite3_column_count(pointer)).map { String(cString: sqlite3_column_name(pointer, $0)) }
    }

    public func isNull(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_NULL }
    public func isInteger(_ column: Int32) -> Bool { sqlite3_column_type(pointer, column) == SQLITE_INTEGER }
    public func int64(_ column: Int32) -> Int64 { sqlite3_column_int64(pointer, column) }
    public func int(_ column: Int32) -> Int { Int(sqlite3_column_int64(pointer, column)) }
    public func bool(_ column: Int32) -> Bool { sqlite3_column_int64(pointer, column) != 0 }
    public func optionalInt64(_ column: Int32) -> Int64? { isNull(column) ? nil : int64(column) }
    public func optionalInt(_ column: Int32) -> Int? { isNull(column) ? nil : int(column) }
    public func optionalReal(_ column: Int32) -> Double? { isNull(column) ? nil : sqlite3_column_double(pointer, column) }

    public func text(_ column: Int32) -> String {
        let start = sqlite3_column_text(pointer, column)
        return String(decoding: UnsafeBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))), as: UTF8.self)
    }

    public func optionalText(_ column: Int32) -> String? { isNull(column) ? nil : text(column) }

    public func bytes(_ column: Int32) -> [UInt8] {
        let start = sqlite3_column_blob(pointer, column)
        return Array(UnsafeRawBufferPointer(start: start, count: Int(sqlite3_column_bytes(pointer, column))))
    }

    /// The sixteen bytes that `bind(high:low:)` wrote.
    /// - Throws: where the column holds anything else.
    public func words(_ column: Int32) throws(DatabaseFailure) -> (high: UInt64, low: UInt64) {
        guard let start = sqlite3_column_blob(pointer, column), sqlite3_column_bytes(pointer, column) == 16 else {
            throw DatabaseFailure(.corrupt, reason: "an id is not sixteen bytes long: restore the database from a backup", mayHaveHappened: false)
        }
        let words = UnsafeRawPointer(start)
        return (
            UInt64(bigEndian: words.loadUnaligned(as: UInt64.self)), UInt64(bigEndian: words.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        )
    }

    func value(_ column: Int32) -> SQLValue {
        switch sqlite3_column_type(pointer, column) {
        case SQLITE_INTEGER: .integer(int64(column))
        case SQLITE_FLOAT: .real(sqlite3_column_double(pointer, column))
        case SQLITE_TEXT: .text(text(column))
        case SQLITE_BLOB: .blob(bytes(column))
        default: .null
        }
    }
}
