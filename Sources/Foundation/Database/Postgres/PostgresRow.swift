import CLibPQ
import MartletCore

/// One row of an answer, read by position from zero. A column that is null or of another type throws; the `optional…` forms take null.
public struct PostgresRow {
    let answer: PostgresAnswer
    let index: Int32

    public func isNull(_ column: Int) -> Bool { PQgetisnull(answer.result, index, Int32(column)) == 1 }

    private func bytes(of column: Int) -> UnsafeRawBufferPointer {
        UnsafeRawBufferPointer(
            start: PQgetvalue(answer.result, index, Int32(column)), count: Int(PQgetlength(answer.result, index, Int32(column))))
    }

    private func fixed<Number: FixedWidthInteger>(_ column: Int, _ oid: UInt32, _ type: Number.Type) throws(DatabaseFailure) -> Number {
        guard PQftype(answer.result, Int32(column)) == oid, !isNull(column) else { throw mismatch(column) }
        return Number(bigEndian: bytes(of: column).loadUnaligned(as: Number.self))
    }

    private func mismatch(_ column: Int) -> DatabaseFailure {
        DatabaseFailure(.corrupt, reason: "column \(column) of an answer is missing, null, or of another type: cast it in the statement")
    }

    /// Any column of a type that has a meaning in both engines.
    public func value(_ column: Int) throws(DatabaseFailure) -> SQLValue {
        if isNull(column) { return .null }
        guard let value = SQLValue(oid: PQftype(answer.result, Int32(column)), Array(bytes(of: column))[...]) else { throw mismatch(column) }
        return value
    }

    /// `smallint`, `integer` or `bigint`.
    public func int64(_ column: Int) throws(DatabaseFailure) -> Int64 {
        switch PQftype(answer.result, Int32(column)) {
        case 20: return try fixed(column, 20, Int64.self)
        case 23: return Int64(try fixed(column, 23, Int32.self))
        default: return Int64(try fixed(column, 21, Int16.self))
        }
    }

    public func int(_ column: Int) throws(DatabaseFailure) -> Int { Int(try int64(column)) }

    public func bool(_ column: Int) throws(DatabaseFailure) -> Bool { try fixed(column, SQLType.boolean.oid, UInt8.self) != 0 }

    /// `double precision`.
    public func real(_ column: Int) throws(DatabaseFailure) -> Double {
        Double(bitPattern: try fixed(column, SQLType.real.oid, UInt64.self))
    }

    /// `text`, `varchar`, `name`, an enumeration, or `json` as it is written.
    public func text(_ column: Int) throws(DatabaseFailure) -> String {
        if isNull(column) { throw mismatch(column) }
        switch PQftype(answer.result, Int32(column)) {
        case 16, 17, 20, 21, 23, 700, 701, 1184, 1114, 1700, 2950: throw mismatch(column)
        case SQLType.json.oid: return String(decoding: bytes(of: column).dropFirst(), as: UTF8.self)
        default: return String(decoding: bytes(of: column), as: UTF8.self)
        }
    }

    public func json(_ column: Int) throws(DatabaseFailure) -> String { try text(column) }

    public func bytes(_ column: Int) throws(DatabaseFailure) -> [UInt8] {
        guard PQftype(answer.result, Int32(column)) == SQLType.bytes.oid, !isNull(column) else { throw mismatch(column) }
        return Array(bytes(of: column))
    }

    public func id(_ column: Int) throws(DatabaseFailure) -> JobID {
        guard PQftype(answer.result, Int32(column)) == SQLType.id.oid, !isNull(column) else { throw mismatch(column) }
        let words = bytes(of: column)
        return JobID(
            high: UInt64(bigEndian: words.loadUnaligned(as: UInt64.self)),
            low: UInt64(bigEndian: words.loadUnaligned(fromByteOffset: 8, as: UInt64.self)))
    }

    /// `timestamptz`; infinity is the last instant there is, or the first.
    public func timestamp(_ column: Int) throws(DatabaseFailure) -> Timestamp {
        let microseconds = try fixed(column, SQLType.instant.oid, Int64.self)
        if microseconds == .max { return .distantFuture }
        if microseconds == .min { return Timestamp(microseconds: .min) }
        return Timestamp(microseconds: microseconds &+ SQLValue.postgresEpoch)
    }

    /// An array of one dimension without nulls.
    public func array<Value: SQLBindable>(_ column: Int, of type: Value.Type = Value.self) throws(DatabaseFailure) -> [Value] {
        guard case .array(let array) = try value(column), let values = array.values(as: type) else { throw mismatch(column) }
        return values
    }

    public func optionalInt64(_ column: Int) throws(DatabaseFailure) -> Int64? { isNull(column) ? nil : try int64(column) }
    public func optionalInt(_ column: Int) throws(DatabaseFailure) -> Int? { isNull(column) ? nil : try int(column) }
    public func optionalBool(_ column: Int) throws(DatabaseFailure) -> Bool? { isNull(column) ? nil : try bool(column) }
    public func optionalReal(_ column: Int) throws(DatabaseFailure) -> Double? { isNull(column) ? nil : try real(column) }
    public func optionalText(_ column: Int) throws(DatabaseFailure) -> String? { isNull(column) ? nil : try text(column) }
    public func optionalBytes(_ column: Int) throws(DatabaseFailure) -> [UInt8]? { isNull(column) ? nil : try bytes(column) }
    public func optionalID(_ column: Int) throws(DatabaseFailure) -> JobID? { isNull(column) ? nil : try id(column) }
    public func optionalTimestamp(_ column: Int) throws(DatabaseFailure) -> Timestamp? { isNull(column) ? nil : try timestamp(column) }
}
