import MartletCore
import Testing
import Vault

@testable import MartletCLI

@Suite struct VaultProgramTests {
    private func with(_ body: (Program) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in try await body(Program(folder: folder)) }
    }

    @Test func `secrets are kept in the database of the configuration, and changes to them are in the audit`() async throws {
        try await with { program in
            try program.folder.write("store: jobs.db\ndatabase: tables.db\nvault: { key_file: our.key }\n", to: "martlet.yaml")
            #expect(try await program.run("vault", "init").code == 0)
            #expect(FilePaths.exists("\(program.folder.path)/tables.db") && FilePaths.exists("\(program.folder.path)/our.key"))
            #expect(!FilePaths.exists("\(program.folder.path)/martlet-data.db"))
            #expect(try await program.run("vault", "put", "api", "--tenant", "acme", input: "s3cret\n").code == 0)
            #expect(try await program.run("vault", "list", "--tenant", "acme").output.contains("api"))
            #expect(try await program.run("vault", "rotate").code == 0)
            #expect(try await program.run("vault", "delete", "api", "--tenant", "acme").code == 0)
            #expect(try await program.run("vault", "delete", "api", "--tenant", "acme").code == 3)
            let events = try await OpenStore.with(.sqlite(path: "\(program.folder.path)/jobs.db"), environment: .system) { open in
                try await open.store.read(StreamName.audit, after: 0, limit: 100).events
            }
            let told = events.map { String(decoding: $0.data.utf8, as: UTF8.self) }
            #expect(events.map(\.type) == ["secret.put", "vault.rotate", "secret.delete"])
            #expect(told.allSatisfy { !$0.contains("s3cret") })
            #expect(told[0].contains("secret/acme/api"))
        }
    }

    @Test func `a server whose vault does not open does not start`() async throws {
        try await with { program in
            #expect(try await program.run("vault", "init").code == 0)
            #expect(try await program.run("vault", "put", "api", input: "s3cret").code == 0)
            let other = try await program.run(
                "serve", environment: ["MARTLET_VAULT_KEY": "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="])
            #expect(other.code == 2)
            #expect(other.errors.contains("this is the wrong key, or an older file"))
        }
    }

    @Test func `the doctor looks at the database and tries the vault's key`() async throws {
        try await with { program in
            _ = try await program.run("migrate")
            let without = try await program.run("doctor")
            #expect(without.code == 0)
            #expect(without.output.contains("database: ") && without.output.contains("vault: none"))
            _ = try await program.run("vault", "init")
            #expect(try await program.run("doctor").output.contains("vault: opens with the key of"))
            let missing = try await program.run("doctor", environment: ["MARTLET_VAULT_KEY_FILE": "nowhere.key"])
            #expect(missing.code == 1)
            #expect(missing.output.contains("FAIL  vault:"))
            let damaged = try await program.run("doctor", environment: ["MARTLET_DATABASE": "postgres://ann:secret@127.0.0.1:1/data"])
            #expect(damaged.code == 1)
            #expect(damaged.output.contains("FAIL  database:") && !damaged.output.contains("secret"))
        }
    }

    @Test func `where the key is: named outside the file, in the environment, in the file, beside it`() throws {
        try TemporaryFolder.with { folder in
            func source(_ yaml: String, _ environment: [String: String] = [:]) throws -> KeySource? {
                try folder.write(yaml, to: "martlet.yaml")
                return try Configuration.load(environment: environment, currentFolder: folder.path).vault
            }
            #expect(try source("") == nil)
            #expect(try source("vault: { key_file: a.key }") == .file(path: "\(folder.path)/a.key"))
            let inline = [Configuration.keyVariable: "AAAA"]
            #expect(try source("vault: { key_file: a.key }", inline) == .environment(variable: Configuration.keyVariable))
            let both = inline.merging(["MARTLET_VAULT_KEY_FILE": "b.key"]) { $1 }
            #expect(try source("vault: { key_file: a.key }", both) == .file(path: "\(folder.path)/b.key"))
            try folder.write("", to: "martlet-vault.key")
            #expect(try source("") == .file(path: "\(folder.path)/martlet-vault.key"))
        }
    }

    @Test func `networks that requests may reach are a setting`() throws {
        let configuration = try Configuration(yaml: "outbound: { allow: [10.0.0.0/8, 192.168.1.1] }", folder: "/srv")
        #expect(configuration.outboundNetworks.count == 2)
        #expect(throws: ConfigurationError.self) { try Configuration(yaml: "outbound: { allow: [all] }", folder: "/srv") }
    }
}
