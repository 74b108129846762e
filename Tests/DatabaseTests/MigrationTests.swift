import Database
import MartletCore
import Testing

@Suite("Migrations in PostgreSQL")
struct MigrationTests {
    private static let first: [SQL] = ["CREATE TABLE notes (id bigint PRIMARY KEY)"]
    private static let second: [SQL] = ["ALTER TABLE notes ADD COLUMN color text NOT NULL DEFAULT 'red'", "INSERT INTO notes VALUES (1)"]

    private static func schema(_ steps: [[SQL]]) -> Schema { Schema(name: "notes", steps: steps) }

    @Test("Each step is applied once, however many processes bring it at the same time; an older build refuses what a newer one has made")
    func versions() async throws {
        try await PostgresServer.direct.withDatabase("pool_size=1") { url in
            try await PostgresDatabase.open(url, schemas: [Self.schema([Self.first])], environment: .system).close()
            try await withThrowingTaskGroup { group in
                for _ in 0..<6 {
                    group.addTask {
                        try await PostgresDatabase.open(url, schemas: [Self.schema([Self.first, Self.second])], environment: .system).close()
                    }
                }
                try await group.waitForAll()
            }
            let database = try await PostgresDatabase.open(url, environment: .system)
            #expect(try await database.run { try $0.rows("SELECT color FROM notes").map { try $0.get("color", as: String.self) } } == ["red"])
            await database.close()
            let failure = await #expect(throws: DatabaseFailure.self) {
                try await PostgresDatabase.open(url, schemas: [Self.schema([Self.first])], environment: .system)
            }
            #expect(failure?.kind == .corrupt)
            #expect(failure?.reason == "the tables of 'notes' are of version 2, and this build knows up to 1: run a newer build")
        }
    }

    @Test("A step that fails leaves nothing behind, and the steps before it stay")
    func failing() async throws {
        try await PostgresServer.direct.withDatabase("pool_size=1") { url in
            let broken: [SQL] = ["CREATE TABLE more (id bigint)", "INSERT INTO nowhere VALUES (1)"]
            await #expect(throws: DatabaseFailure.self) {
                try await PostgresDatabase.open(url, schemas: [Self.schema([Self.first, broken])], environment: .system)
            }
            let database = try await PostgresDatabase.open(url, environment: .system)
            #expect(try await database.run { try $0.answer("SELECT version FROM martlet.schema_versions")[0].int(0) } == 1)
            #expect(try await database.run { try $0.answer("SELECT to_regclass('more') IS NULL")[0].bool(0) })
            await database.close()
        }
    }

    @Test("A migration that waits for a table lets those behind it pass, and goes on once the table is free")
    func patience() async throws {
        try await PostgresServer.direct.withDatabase("pool_size=2") { url in
            let database = try await PostgresDatabase.open(url, schemas: [Self.schema([Self.first])], environment: .system)
            var settings = PostgresSettings()
            settings.migrationLockTimeout = .milliseconds(20)
            let migrating = settings
            try await withThrowingTaskGroup { group in
                // Reads the table in a transaction that goes on until the worker's insert is there.
                group.addTask {
                    try await database.transaction { connection in
                        try connection.run("SELECT * FROM notes")
                        while try connection.answer("SELECT count(*) FROM notes, pg_sleep(0.005)")[0].int(0) == 0 {}
                    }
                }
                try await database.wait(until: "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'notes'::regclass AND pid <> pg_backend_pid()")
                group.addTask {
                    try await PostgresDatabase.open(
                        url, schemas: [Self.schema([Self.first, Self.second])], settings: migrating, environment: .system
                    ).close()
                }
                try await database.wait(until: "SELECT count(*) > 0 FROM pg_locks WHERE relation = 'notes'::regclass AND NOT granted")
                try await database.run { try $0.run("INSERT INTO notes (id) VALUES (7)") }
                try await group.waitForAll()
            }
            #expect(try await database.run { try $0.rows("SELECT id FROM notes ORDER BY id").map { try $0.get(0, as: Int.self) } } == [1, 7])
            await database.close()
        }
    }
}
