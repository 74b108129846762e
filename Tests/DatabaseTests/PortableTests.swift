import Database
import Foundation
import MartletCore
import Testing

/// The same tables and statements on both engines.
@Suite("One application, either engine")
struct PortableTests {
    enum Engine: CaseIterable { case sqlite, postgres }

    private struct Refusal: Error {}

    private static let schema = Schema(
        name: "posts",
        steps: [
            [
                """
                CREATE TABLE posts (
                    id \(type: .id) PRIMARY KEY, number \(type: .integer) NOT NULL UNIQUE, title \(type: .text), body \(type: .json) NOT NULL,
                    picture \(type: .bytes), score \(type: .real) NOT NULL, is_public \(type: .boolean) NOT NULL, due_at \(type: .instant) NOT NULL)
                """
            ], [SQL.either(sqlite: "CREATE INDEX posts_due ON posts (due_at)", postgres: "CREATE INDEX posts_due ON posts USING brin (due_at)")],
        ])

    private func withDatabase(_ engine: Engine, _ body: (SQLDatabase) async throws -> Void) async throws {
        func run(_ url: String) async throws {
            let database = try await SQLDatabase.open(url, schemas: [Self.schema], environment: .system)
            do {
                try await body(database)
            } catch {
                await database.close()
                throw error
            }
            await database.close()
        }
        switch engine {
        case .postgres: try await PostgresServer.direct.withDatabase("pool_size=2") { try await run($0) }
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-\(Environment.system.makeJobID())")
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
            try await run("sqlite:" + folder.appending(path: "posts.db").path)
        }
    }

    private static func insert(_ id: JobID, number: Int, at time: Timestamp) -> SQL {
        """
        INSERT INTO posts (id, number, title, body, picture, score, is_public, due_at)
        VALUES (\(id), \(number), \(String?.none), \(SQLJSON("[1, 2]")), \([0, 255] as [UInt8]), \(0.5), \(true), \(time))
        """
    }

    @Test("Values, conflicts and savepoints are the same", arguments: Engine.allCases)
    func sameness(engine: Engine) async throws {
        try await withDatabase(engine) { database in
            let id = Environment.system.makeJobID()
            let time = Timestamp(microseconds: 1_700_000_000_123_456)
            let changes = try await database.write { connection in try connection.run(Self.insert(id, number: 1, at: time)) }
            #expect(changes == 1)
            let rows = try await database.read {
                try $0.rows("SELECT * FROM posts WHERE due_at = \(time) AND id = \(id) AND is_public = \(true) AND number IN \([1, 2])")
            }
            let row = try #require(rows.first)
            #expect(try row.get("id") == id)
            #expect(try row.optional("title", as: String.self) == nil)
            #expect(try row.get("body", as: SQLJSON.self).text == "[1, 2]")
            #expect(try row.get("picture") == [0, 255] as [UInt8])
            #expect(try row.get("score") == 0.5)
            #expect(try row.get("is_public") == true)
            #expect(try row.get("due_at") == time)
            #expect(try row.get(1) == 1)

            let numbers = try await database.write { connection in
                let failure = #expect(throws: DatabaseFailure.self) {
                    try connection.savepoint { try connection.run(Self.insert(Environment.system.makeJobID(), number: 1, at: time)) }
                }
                #expect(failure?.isUniqueViolation() == true)
                let locked = try connection.rows("SELECT number FROM posts WHERE id = \(id)\(SQL.lockingRow)")[0].get(0, as: Int.self)
                return try connection.rows("UPDATE posts SET number = \(locked + 1) WHERE id = \(id) RETURNING number").map {
                    try $0.get("number", as: Int.self)
                }
            }
            #expect(numbers == [2])
            await #expect(throws: Refusal.self) {
                try await database.write { connection in
                    try connection.run("DELETE FROM posts")
                    throw Refusal()
                }
            }
            #expect(try await database.read { try $0.rows("SELECT 1 FROM posts").count } == 1)
        }
    }

    @Test("A text is no time: one without a zone cannot be written")
    func zones() async throws {
        try await withDatabase(.postgres) { database in
            let failure = await #expect(throws: DatabaseFailure.self) {
                try await database.write { try $0.run("UPDATE posts SET due_at = \("2026-01-01 12:00:00")") }
            }
            #expect(failure?.sqlState == "42804")
            // A column that has lost its zone is not read either.
            await #expect(throws: DatabaseFailure.self) { try await database.read { try $0.rows("SELECT now()::timestamp") } }
        }
    }

    @Test("A reader cannot write", arguments: Engine.allCases)
    func reading(engine: Engine) async throws {
        try await withDatabase(engine) { database in
            await #expect(throws: DatabaseFailure.self) { _ = try await database.read { try $0.run("DELETE FROM posts") } }
        }
    }
}
