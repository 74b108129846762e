import Database
import Glibc
import MartletCore
import Testing

@Suite("Connections to PostgreSQL")
struct ConnectionTests {
    private struct Refusal: Error {}

    private static let isAsleep: SQL = """
        SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database() AND query LIKE '%sleep(600)' AND wait_event = 'PgSleep'
        """

    @Test("A cancelled task stops its statement on the server, and the connection goes on")
    func cancellation() async throws {
        try await PostgresServer.direct.withOpen("pool_size=2") { database in
            try await withThrowingTaskGroup { group in
                group.addTask { try await database.run { try $0.run("SELECT pg_sleep(600)") } }
                try await database.wait(until: Self.isAsleep)
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.waitForAll() }
            }
            #expect(try await database.backends(where: "wait_event = 'PgSleep'") == 0)
            #expect(database.metrics.opened == 2)
            #expect(database.metrics.inUse == 0)
        }
    }

    @Test("A statement that takes too long is stopped on the server, and the error says so")
    func deadline() async throws {
        try await PostgresServer.direct.withOpen("pool_size=1") { database in
            let failure = await #expect(throws: DatabaseFailure.self) {
                try await database.transaction(within: .milliseconds(50)) { try $0.run("SELECT pg_sleep(600)") }
            }
            #expect(failure?.sqlState == "57014")
            #expect(failure?.mayHaveHappened == false)
            let backends = try await database.backends()
            #expect(backends == 0)
            #expect(database.metrics.opened == 1)
        }
    }

    @Test("A server that says nothing any more holds nobody up: the connection is given up, and another one made")
    func silence() async throws {
        var settings = PostgresSettings()
        settings.cancelGrace = .milliseconds(50)
        try await PostgresServer.direct.withOpen("pool_size=2", settings: settings) { database in
            let failure = await #expect(throws: DatabaseFailure.self) {
                try await database.transaction(within: .milliseconds(300)) { connection in
                    let pid = try connection.answer("SELECT pg_backend_pid()")[0].int(0)
                    // The process stands still, as behind a cut in the network.
                    kill(pid_t(pid), SIGSTOP)
                    defer { kill(pid_t(pid), SIGCONT) }
                    try connection.run("SELECT 1")
                }
            }
            #expect(failure?.kind == .unavailable)
            #expect(failure?.mayHaveHappened == false)
            #expect(database.metrics.closed == 1)
            try await database.run { try $0.run("SELECT 1") }
            try await database.wait(until: "SELECT count(*) <= 2 FROM pg_stat_activity WHERE datname = current_database()")
        }
    }

    @Test("S3-16: Whatever becomes of its uses, no more connections exist than the pool may have, and none after its end")
    func leaks() async throws {
        try await PostgresServer.direct.withDatabase { url in
            let watcher = try await PostgresDatabase.open(url + "&pool_size=1", environment: .system)
            var settings = PostgresSettings()
            settings.connections = 3
            settings.wait = .seconds(60)
            settings.attempts = 2
            let database = try await PostgresDatabase.open(url, settings: settings, environment: .system)
            await withTaskGroup { group in
                for number in 0..<120 { group.addTask { await Self.misuse(database, number) } }
            }
            #expect(database.metrics.inUse == 0)
            #expect(database.metrics.waiters == 0)
            #expect(try await watcher.backends() <= 3)
            #expect(try await watcher.backends(where: "state <> 'idle'") == 0)
            await database.close()
            try await watcher.wait(until: "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()")
            await #expect(throws: DatabaseFailure.closed) { try await database.run { try $0.run("SELECT 1") } }

            // One that nobody closes goes with its last reference.
            do { _ = try await PostgresDatabase.open(url, environment: .system).metrics }
            try await watcher.wait(until: "SELECT count(*) = 1 FROM pg_stat_activity WHERE datname = current_database()")
            await watcher.close()
        }
    }

    private static func misuse(_ database: PostgresDatabase, _ number: Int) async {
        do {
            switch number % 6 {
            case 0:
                try await database.transaction { connection in
                    try connection.run("SELECT 1")
                    throw Refusal()
                }
            case 1:
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { try await database.transaction { _ = try $0.run("SELECT pg_sleep(1)") } }
                    group.cancelAll()
                    try await group.waitForAll()
                }
            case 2: try await database.run(within: .milliseconds(5)) { try $0.run("SELECT pg_sleep(1)") }
            // A transaction that the body opens itself, and forgets.
            case 3: try await database.run { try $0.run("BEGIN") }
            case 4: try await database.transaction { try $0.run("SELECT pg_terminate_backend(pg_backend_pid())") }
            default: try await database.run { try $0.run("SELECT 1") }
            }
        } catch {
            // What is left behind is looked at, not how it ended.
        }
    }

    @Test("S2-55: A wait for a connection is bounded, and its error says what to do")
    func exhaustion() async throws {
        try await PostgresServer.direct.withDatabase { url in
            var settings = PostgresSettings()
            settings.wait = .milliseconds(50)
            let watcher = try await PostgresDatabase.open(url + "&pool_size=1", environment: .system)
            let database = try await PostgresDatabase.open(url + "&pool_size=1", settings: settings, environment: .system)
            try await withThrowingTaskGroup { group in
                group.addTask { try await database.run { try $0.run("SELECT pg_sleep(600)") } }
                try await watcher.wait(until: Self.isAsleep)
                let failure = await #expect(throws: DatabaseFailure.self) { try await database.run { try $0.run("SELECT 1") } }
                #expect(failure?.kind == .unavailable)
                #expect(failure?.reason.contains("all 1 connections to PostgreSQL are in use, and 1 callers wait") == true)
                #expect(failure?.reason.contains("pool_size") == true)
                #expect(database.metrics.timeouts == 1)
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.waitForAll() }
            }
            await database.close()
            await watcher.close()
        }
    }

    @Test("After the server has ended every connection the next calls go through")
    func restart() async throws {
        try await PostgresServer.direct.withDatabase { url in
            let watcher = try await PostgresDatabase.open(url + "&pool_size=1", environment: .system)
            let database = try await PostgresDatabase.open(url + "&pool_size=5", environment: .system)
            for round in 0..<10 {
                try await withThrowingTaskGroup { group in
                    for _ in 0..<20 { group.addTask { try await database.transaction { try $0.run("SELECT 1") } } }
                    try await group.waitForAll()
                }
                if round % 2 == 0 {
                    try await watcher.run {
                        try $0.run(
                            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND datname = current_database()")
                    }
                }
            }
            #expect(database.metrics.inUse == 0)
            await database.close()
            await watcher.close()
        }
    }

    @Test("Closing does not wait for ever: what still runs is stopped, and its caller told")
    func closing() async throws {
        try await PostgresServer.direct.withDatabase { url in
            let database = try await PostgresDatabase.open(url + "&pool_size=2", environment: .system)
            try await withThrowingTaskGroup { group in
                group.addTask { try await database.run { try $0.run("SELECT pg_sleep(600)") } }
                try await database.wait(until: Self.isAsleep)
                await database.close(grace: .zero)
                await #expect(throws: DatabaseFailure.closed) { try await group.waitForAll() }
            }
        }
    }

    @Test(
        "No error shows the password of a URL",
        arguments: [
            "postgres://joe:hunter2@127.0.0.1:1/nowhere", "postgres://joe:hunter2@[::1:5432/x", "postgres://joe:hunter2@127.0.0.1/x?nonsense=1",
            "mysql://joe:hunter2@127.0.0.1/x", "postgres://joe:hunter2@127.0.0.1/x?pool_size=none",
        ])
    func secrecy(url: String) async throws {
        let failure = await #expect(throws: DatabaseFailure.self) { try await PostgresDatabase.open(url, environment: .system) }
        #expect(failure.map { String(reflecting: $0).contains("hunter2") } == false)
    }
}
