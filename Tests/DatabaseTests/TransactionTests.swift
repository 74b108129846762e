import Database
import MartletCore
import Synchronization
import Testing

@Suite("Transactions in PostgreSQL")
struct TransactionTests {
    private struct Refusal: Error {}

    private static let notes = Schema(name: "notes", steps: [["CREATE TABLE notes (id bigint PRIMARY KEY, number bigint NOT NULL)"]])

    private static func numbers(_ database: PostgresDatabase) async throws -> [Int] {
        try await database.run { try $0.answer("SELECT number FROM notes ORDER BY id").map { try $0.int(0) } }
    }

    @Test("All of a transaction happens, or none; a savepoint is undone alone")
    func atomicity() async throws {
        try await PostgresServer.direct.withOpen(schemas: [Self.notes]) { database in
            try await database.transaction { connection in
                try connection.run("INSERT INTO notes VALUES (1, 10)")
                #expect(throws: Refusal.self) {
                    try connection.savepoint {
                        try connection.run("INSERT INTO notes VALUES (2, 20)")
                        throw Refusal()
                    }
                }
                let failure = #expect(throws: DatabaseFailure.self) {
                    try connection.savepoint { try connection.run("INSERT INTO notes VALUES (1, 11)") }
                }
                #expect(failure?.isUniqueViolation(of: "notes_pkey") == true)
                try connection.run("INSERT INTO notes VALUES (3, 30)")
            }
            await #expect(throws: Refusal.self) {
                try await database.transaction { connection in
                    try connection.run("DELETE FROM notes")
                    throw Refusal()
                }
            }
            #expect(try await Self.numbers(database) == [10, 30])
        }
    }

    @Test("A failure that the body swallows does not commit half a transaction")
    func swallowed() async throws {
        try await PostgresServer.direct.withOpen(schemas: [Self.notes]) { database in
            await #expect(throws: DatabaseFailure.self) {
                try await database.transaction { connection in
                    try connection.run("INSERT INTO notes VALUES (1, 10)")
                    do { try connection.run("INSERT INTO notes VALUES (1, 11)") } catch {}
                }
            }
            let numbers = try await Self.numbers(database)
            #expect(numbers == [])
        }
    }

    @Test("Statements sent in one round trip happen together, outside a transaction too")
    func batches() async throws {
        try await PostgresServer.direct.withOpen(schemas: [Self.notes]) { database in
            await #expect(throws: DatabaseFailure.self) {
                try await database.run { _ = try $0.batch(["INSERT INTO notes VALUES (1, 10)", "INSERT INTO notes VALUES (1, 11)"]) }
            }
            #expect(try await Self.numbers(database) == [])
            let changes = try await database.run { connection in
                try connection.batch(["INSERT INTO notes VALUES (1, 10), (2, 20)", "UPDATE notes SET number = 0", "SELECT * FROM notes"]).map(
                    \.changes)
            }
            #expect(changes == [2, 2, 2])
        }
    }

    @Test(
        "Transactions that cannot run side by side are tried again until each has happened once",
        arguments: [Isolation.serializable, .repeatableRead])
    func serialization(isolation: Isolation) async throws {
        try await PostgresServer.direct.withOpen("pool_size=4", settings: Self.patient, schemas: [Self.notes]) { database in
            try await database.run { try $0.run("INSERT INTO notes VALUES (1, 0)") }
            try await withThrowingTaskGroup { group in
                for _ in 0..<24 {
                    group.addTask {
                        try await database.transaction(isolation) { connection in
                            let number = try connection.answer("SELECT number FROM notes WHERE id = 1")[0].int(0)
                            try connection.run("UPDATE notes SET number = \(number + 1) WHERE id = 1")
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.numbers(database) == [24])
        }
    }

    @Test("Of two transactions that wait for each other, the victim is tried again")
    func deadlock() async throws {
        try await PostgresServer.direct.withOpen("pool_size=4", settings: Self.patient, schemas: [Self.notes]) {
            database in
            try await database.run { try $0.run("INSERT INTO notes VALUES (1, 0), (2, 0)") }
            try await withThrowingTaskGroup { group in
                for round in 0..<12 {
                    group.addTask {
                        try await database.transaction { connection in
                            for id in round % 2 == 0 ? [1, 2] : [2, 1] { try connection.run("UPDATE notes SET number = number + 1 WHERE id = \(id)") }
                        }
                    }
                }
                try await group.waitForAll()
            }
            #expect(try await Self.numbers(database) == [12, 12])
        }
    }

    private static var patient: PostgresSettings {
        var settings = PostgresSettings()
        settings.attempts = 100
        return settings
    }

    @Test("A transaction cut off before its commit is tried again; a statement without one leaves open what became of it")
    func loss() async throws {
        try await PostgresServer.direct.withOpen("pool_size=2", schemas: [Self.notes]) { database in
            let attempts = Atomic(0)
            try await database.transaction { connection in
                try connection.run("INSERT INTO notes VALUES (1, 10)")
                if attempts.wrappingAdd(1, ordering: .relaxed).newValue < 3 { try connection.run("SELECT pg_terminate_backend(pg_backend_pid())") }
            }
            #expect(attempts.load(ordering: .relaxed) == 3)
            #expect(try await Self.numbers(database) == [10])
            let failure = await #expect(throws: DatabaseFailure.self) {
                try await database.run { try $0.run("SELECT pg_terminate_backend(pg_backend_pid())") }
            }
            #expect(failure?.mayHaveHappened == true)
            #expect(failure?.kind == .unavailable)
        }
    }
}
