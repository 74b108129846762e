import Foundation
import MartletCore
import NIOCore
import Testing

@testable import RedisStore

@Suite(.timeLimit(.minutes(1))) struct EncryptionTests {
    /// What a `PING` over an address with these options is answered.
    private static func ping(host: String = "127.0.0.1", _ options: String, authority: Bool = true) async throws -> Result<RESPValue, RedisError> {
        let server = try await FakeServer(certificate: TestCertificates.context())
        let file = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(server.port).pem")
        try Data(TestCertificates.authority.utf8).write(to: file)
        defer { try? FileManager.default.removeItem(at: file) }
        let ca = authority ? "&ca=\(file.path)" : ""
        let client = try RedisClient(RedisURL("rediss://\(host):\(server.port)?connect_timeout=10\(options)\(ca)"))
        let result: Result<RESPValue, RedisError>
        do throws(RedisError) {
            result = .success(try await client.send(RedisCommand("PING")))
        } catch {
            result = .failure(error)
        }
        await client.close()
        try await server.close()
        return result
    }

    @Test func `a certificate of a trusted authority for the right name will do`() async throws {
        #expect(try await Self.ping(host: "localhost", "").map(\.string) == .success("PONG"))
        #expect(try await Self.ping("&server_name=redis.example").map(\.string) == .success("PONG"))
    }

    @Test(arguments: [("127.0.0.1", "", true), ("127.0.0.1", "&server_name=other.example", true), ("localhost", "", false)])
    func `another one will not`(host: String, options: String, authority: Bool) async throws {
        guard case .failure(.unavailable(let reason, false)) = try await Self.ping(host: host, options, authority: authority) else {
            return #expect(Bool(false), "it was trusted")
        }
        #expect(reason.contains("cannot be trusted"), "\(reason)")
    }

    @Test func `without verification any will do`() async throws {
        #expect(try await Self.ping("&insecure", authority: false).map(\.string) == .success("PONG"))
    }

    @Test func `a server without encryption is no secret server`() async throws {
        try await FakeServer.with { server, _ async throws in
            let client = try RedisClient(RedisURL("rediss://127.0.0.1:\(server.port)?connect_timeout=0.2"))
            await #expect(throws: RedisError.self) { try await client.send(RedisCommand("PING")) }
            await client.close()
        }
    }

    @Test(arguments: [("ca=missing.pem", "ca"), ("cert=missing.pem&key=missing.pem", "cert")])
    func `a file that cannot be read is named`(options: String, word: String) throws {
        let url = try RedisURL("rediss://h?\(options)")
        #expect { try RedisClient(url) } throws: { ($0 as? RedisURLError)?.part.contains(word) == true }
    }
}
