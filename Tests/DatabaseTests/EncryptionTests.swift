import Database
import Foundation
import MartletCore
import Testing

@Suite("Encrypted connections", .timeLimit(.minutes(2)))
struct EncryptionTests {
    /// The certificate of the server, which is its own authority and speaks for `localhost` alone.
    private static var authority: String {
        get throws {
            let name = "MARTLET_TEST_POSTGRES_CA"
            return try #require(ProcessInfo.processInfo.environment[name], "\(name) is not set: run scripts/test, which starts the servers")
        }
    }

    private static func isEncrypted(_ url: String) async throws -> Bool {
        let database = try await PostgresDatabase.open(url, environment: .system)
        do {
            let isEncrypted = try await database.run { try $0.answer("SELECT ssl FROM pg_stat_ssl WHERE pid = pg_backend_pid()")[0].bool(0) }
            await database.close()
            return isEncrypted
        } catch {
            await database.close()
            throw error
        }
    }

    @Test("A connection is encrypted where the URL asks for it", arguments: [("disable", false), ("require", true)])
    func asked(mode: String, isEncrypted: Bool) async throws {
        try await PostgresServer.direct.withDatabase("pool_size=1&sslmode=\(mode)") { url in
            let found = try await Self.isEncrypted(url)
            #expect(found == isEncrypted)
        }
    }

    @Test("A server whose certificate a known authority has signed for its name is trusted")
    func verified() async throws {
        try await PostgresServer.direct.withDatabase("pool_size=1&sslmode=verify-full&sslrootcert=\(try Self.authority)") { url in
            let found = try await Self.isEncrypted(url.replacing("@127.0.0.1:", with: "@localhost:"))
            #expect(found)
        }
    }

    @Test("A server at another name than its certificate's is refused")
    func wrongHost() async throws {
        try await PostgresServer.direct.withDatabase("pool_size=1&sslmode=verify-full&sslrootcert=\(try Self.authority)") { url in
            let failure = await #expect(throws: DatabaseFailure.self) { try await Self.isEncrypted(url) }
            #expect(failure?.reason.contains("certificate") == true, "\(String(describing: failure))")
            #expect(failure?.reason.contains("does not match host name") == true, "\(String(describing: failure))")
        }
    }

    @Test("A server that no known authority speaks for is refused")
    func unknownAuthority() async throws {
        let other = FileManager.default.temporaryDirectory.appending(path: "authority-\(Environment.system.makeJobID()).crt")
        try Data().write(to: other)
        defer { try? FileManager.default.removeItem(at: other) }
        try await PostgresServer.direct.withDatabase("pool_size=1&sslmode=verify-ca&sslrootcert=\(other.path)") { url in
            let failure = await #expect(throws: DatabaseFailure.self) {
                try await Self.isEncrypted(url.replacing("@127.0.0.1:", with: "@localhost:"))
            }
            #expect(failure?.reason.contains("cert") == true, "\(String(describing: failure))")
        }
    }
}
