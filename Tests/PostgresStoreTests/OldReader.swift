import Database
import MartletCore

/// Transactions elsewhere that do not end while something else goes on.
enum OldReader {
    /// Runs `body` while a transaction is open that has begun to read: whatever is deleted meanwhile stays in the tables and their indexes.
    static func reads(during body: () async throws -> Void) async throws {
        try await holds(.repeatableRead, { try $0.run("SELECT 1") }, during: body)
    }

    /// Runs `body` after `first`, whose transaction commits only when `body` has returned.
    static func holds(
        _ isolation: Isolation, _ first: @escaping @Sendable (PostgresConnection) throws -> Void,
        during body: () async throws -> Void
    ) async throws {
        let database = try await PostgresDatabase.open(try TestServer.url, settings: TestServer.settings, environment: .system)
        let (begun, over) = (AsyncStream<Void>.makeStream(), Collected<Bool>())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                defer { begun.continuation.finish() }
                try await database.transaction(isolation, within: .seconds(300)) { connection in
                    try first(connection)
                    begun.continuation.finish()
                    while over.all.isEmpty { try connection.run("SELECT pg_sleep(0.01)") }
                }
            }
            for await _ in begun.stream {}
            do {
                try await body()
            } catch {
                over.add([true])
                throw error
            }
            over.add([true])
            try await group.waitForAll()
        }
        await database.close()
    }
}
