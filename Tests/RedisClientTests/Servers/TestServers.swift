import Foundation
import MartletCore
import Testing

@testable import RedisStore

/// The real servers that the tests are run against.
enum TestServers {
    struct Missing: Error, CustomStringConvertible {
        let name: String
        var description: String { "\(name) is not set: run scripts/test, which starts the servers" }
    }

    static func address(_ name: String) throws -> String {
        guard let address = ProcessInfo.processInfo.environment[name], !address.isEmpty else { throw Missing(name: name) }
        return address
    }

    /// Runs `body` with a client of a real server and a prefix that no other test uses, and removes the keys under it.
    static func with(
        _ name: String = "MARTLET_TEST_REDIS", options: String = "", _ settings: RedisSettings = RedisSettings(),
        body: (RedisClient, String) async throws -> Void
    ) async throws {
        let client = try RedisClient(RedisURL(try address(name) + options), settings)
        let prefix = "{martlet-test-\(Environment.system.makeJobID())}:"
        do {
            try await body(client, prefix)
        } catch {
            await client.close()
            throw error
        }
        await client.close()
    }
}
