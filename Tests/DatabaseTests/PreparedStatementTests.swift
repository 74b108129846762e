import Database
import MartletCore
import Testing

@Suite("Prepared statements of PostgreSQL")
struct PreparedStatementTests {
    private static let notes = Schema(name: "notes", steps: [["CREATE TABLE notes (id bigint)", "INSERT INTO notes VALUES (1)"]])

    @Test(
        "A statement is prepared once it is used often, and one that the server has forgotten, or that its tables have left behind, is prepared anew")
    func surviving() async throws {
        try await PostgresServer.direct.withOpen("pool_size=1", schemas: [Self.notes]) { database in
            func read(inTransaction: Bool) async throws -> SQLValue {
                let body: @Sendable (PostgresConnection) throws -> SQLValue = {
                    try $0.answer("SELECT * FROM notes WHERE id::text = \("1")")[0].value(0)
                }
                return try await inTransaction ? database.transaction(.readCommitted, body) : database.run(within: nil, body)
            }
            func prepared() async throws -> Int {
                try await database.run { try $0.answer("SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE '%FROM notes%'")[0].int(0) }
            }
            for _ in 0..<2 { #expect(try await read(inTransaction: false) == .integer(1)) }
            #expect(try await prepared() == 0)
            for _ in 0..<2 { #expect(try await read(inTransaction: false) == .integer(1)) }
            #expect(try await prepared() == 1)

            try await database.run { try $0.run("ALTER TABLE notes ALTER COLUMN id TYPE text") }
            for _ in 0..<4 { #expect(try await read(inTransaction: true) == .text("1")) }
            try await database.run { try $0.run("ALTER TABLE notes ALTER COLUMN id TYPE bigint USING id::bigint") }
            for _ in 0..<4 { #expect(try await read(inTransaction: false) == .integer(1)) }
            #expect(try await prepared() == 3)

            try await database.run { try $0.run("DEALLOCATE ALL") }
            for _ in 0..<4 { #expect(try await read(inTransaction: true) == .integer(1)) }
        }
    }
}
