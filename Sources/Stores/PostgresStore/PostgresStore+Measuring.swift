import Database
import MartletCore

/// What a measurement needs besides the contract.
extension PostgresStore {
    /// The server's position in its write-ahead log, in bytes: what everybody on that server writes moves it.
    package func logBytes() async throws(StoreError) -> Int {
        try await call("SELECT (pg_current_wal_insert_lsn() - '0/0')::bigint") { try $0.map { try $0.int(0) }.first ?? 0 }
    }

    /// Transactions that have written something, on the whole server.
    package func commits() async throws(StoreError) -> Int {
        try await call("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint") { try $0.map { try $0.int(0) }.first ?? 0 }
    }

    /// Removes the schema with everything in it. Not while anybody works with it.
    package func erase() async throws(StoreError) {
        let name = String(schema.text.dropLast())
        try await call(SQL(stringLiteral: "DROP SCHEMA \(name) CASCADE")) { _ in }
        try await call("DELETE FROM martlet.schema_versions WHERE name = \(name)") { _ in }
    }
}
