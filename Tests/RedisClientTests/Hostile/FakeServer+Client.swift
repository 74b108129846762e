import MartletCore

@testable import RedisStore

extension FakeServer {
    /// Runs `body` with a client of a new server, and ends both.
    static func with(
        _ settings: RedisSettings = RedisSettings(), _ environment: Environment = .system, options: String = "",
        react: @escaping @Sendable (Command) -> Reaction? = { _ in nil }, body: (FakeServer, RedisClient) async throws -> Void
    ) async throws {
        let server = try await FakeServer(react: react)
        let client = try RedisClient(RedisURL("redis://\(server.endpoint)\(options)"), settings, environment)
        do {
            try await body(server, client)
        } catch {
            await client.close()
            try await server.close()
            throw error
        }
        await client.close()
        try await server.close()
    }
}
