import MartletCore
import MartletHTTP
import Testing

struct KeysTests {
    private func with(_ body: (Program) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in try await body(Program(folder: folder)) }
    }

    @Test func `a key is printed once, listed without itself, and revoked`() async throws {
        try await with { program in
            let made = try await program.run("keys", "create", "ci", "--scopes", "jobs:read,jobs:write", "--tenant", "acme", "--expires", "P90D")
            #expect(made.code == 0)
            let key = String(made.output.dropLast())
            let secret = try #require(KeySecret(key))
            // Standard output is the key alone, for scripts.
            #expect(!made.errors.contains(key) && made.errors.contains("only time"))
            let list = try await program.run("keys", "list")
            #expect(list.output.contains(secret.id) && list.output.contains("jobs:read jobs:write") && list.output.contains("acme"))
            #expect(!list.output.contains(key.suffix(20)))
            let line = try JSON(parsing: Array(try await program.run("keys", "--json").output.utf8.dropLast()))
            #expect(line["name"] == "ci" && line["key"] == nil && line["revoked_at"] == .null)
            #expect(try await program.run("keys", "revoke", secret.id).code == 0)
            #expect(try await program.run("keys", "list").output.contains("revoked"))
            #expect(try await program.run("keys", "revoke", "nobody").code == 3)
            let json = try JSON(parsing: Array(try await program.run("keys", "create", "b", "--scopes", "admin", "--json").output.utf8.dropLast()))
            #expect(json["key"]?.stringValue.flatMap { KeySecret($0) } != nil)
        }
    }

    @Test func `a wish for a key that means nothing is a usage error, and makes no store`() async throws {
        try await with { program in
            for arguments in [
                ["--scopes", "jobs:rea"], ["--scopes", ""], ["--scopes", "admin", "--tenant", "a"], ["--scopes", "admin", "--expires", "0"],
            ] {
                let ending = try await program.run(arguments: ["keys", "create", "k"] + arguments)
                #expect(ending.code == 2, "\(arguments)")
                #expect(ending.output.isEmpty)
            }
            #expect(try await program.run("keys", "list").code == 3)
        }
    }

    @Test func `the audit tells of keys, and the doctor verifies it`() async throws {
        try await with { program in
            let key = try #require(KeySecret(String(try await program.run("keys", "create", "k", "--scopes", "admin").output.dropLast())))
            _ = try await program.run("keys", "revoke", key.id)
            let doctor = try await program.run("doctor")
            #expect(doctor.output.contains("audit: 2 entries fit the hash chain"))
            #expect(doctor.output.contains("keys: 0 keys can be used"))
        }
    }

    @Test func `no other machine reaches a server before there is a key`() async throws {
        try await with { program in
            let refused = try await program.run("serve", "--listen", "0.0.0.0:0")
            #expect(refused.code == 2)
            #expect(refused.errors.contains("martlet keys create"))
        }
    }
}
