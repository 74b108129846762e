import Database
import MartletCore
import MartletTesting
import Testing

@testable import Vault

@Suite struct SecretTests {
    @Test(arguments: TestDatabase.allCases)
    func `secrets are put, got, listed and deleted, each tenant its own`(engine: TestDatabase) async throws {
        try await VaultScene.with(engine) { scene in
            let vault = scene.vault
            try await vault.put(Secret("one"), named: "api", tenant: "a")
            try await vault.put(Secret("two"), named: "api", tenant: "b")
            try await vault.put(Secret("other"), named: "db", tenant: "a")
            scene.clock.advance(by: .seconds(5))
            try await vault.put(Secret("three"), named: "api", tenant: "a")
            #expect(try await vault.get("api", tenant: "a") == Secret("three"))
            #expect(try await vault.get("api", tenant: "b") == Secret("two"))
            let list = try await vault.list(tenant: "a")
            #expect(list.map(\.name) == ["api", "db"])
            #expect(list[0].updatedAt - list[0].createdAt == .seconds(5))
            #expect(try await vault.list(tenant: "a", after: "api", limit: 1).map(\.name) == ["db"])
            try await vault.delete("api", tenant: "a")
            await #expect(throws: VaultError.notFound(name: "api")) { try await vault.get("api", tenant: "a") }
            await #expect(throws: VaultError.notFound(name: "api")) { try await vault.delete("api", tenant: "a") }
            #expect(try await vault.get("api", tenant: "b") == Secret("two"))
            let stolen = String(decoding: try await scene.stolenBytes(), as: UTF8.self)
            for text in ["one", "two", "three", "other"] { #expect(!stolen.contains(text)) }
        }
    }

    @Test func `names and sizes have bounds`() async throws {
        try await VaultScene.with { scene in
            let vault = scene.vault
            for (name, secret) in [("", "x"), (String(repeating: "n", count: 256), "x"), ("a\u{0}b", "x"), ("a", "")] {
                await #expect(throws: VaultError.self) { try await vault.put(Secret(secret), named: name) }
            }
            try await vault.put(Secret([UInt8](repeating: 0, count: Vault.secretBytesMax)), named: "large")
            #expect(try await vault.get("large").bytes.count == Vault.secretBytesMax)
            await #expect(throws: VaultError.self) {
                try await vault.put(Secret([UInt8](repeating: 0, count: Vault.secretBytesMax + 1)), named: "larger")
            }
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a wrong key is said at once, and by its name`(engine: TestDatabase) async throws {
        try await VaultScene.with(engine) { scene in
            try await scene.vault.put(Secret("one"), named: "api")
            let needed = try KeySource.file(path: scene.keyPath).load().keys[0]
            let wrong = VaultKey.generate()
            let failure = await #expect(throws: VaultError.self) {
                _ = try await Vault.open(scene.database, keys: .keys([wrong]), environment: scene.environment)
            }
            #expect(failure == .keyMissing(needed: needed.id, held: [wrong.id], source: "the program's own keys"))
            await #expect(throws: VaultError.alreadyInitialised(key: needed.id)) {
                try await Vault.initialise(scene.database, keys: .keys([wrong]), environment: scene.environment)
            }
            // Twice with one key is once.
            #expect(try await Vault.initialise(scene.database, keys: scene.keys, environment: scene.environment) == needed.id)
        }
    }

    @Test func `a vault without a key says what to run`() async throws {
        try await TestDatabase.sqlite.with { url, _ in
            let database = try await SQLDatabase.open(url, schemas: [Vault.schema], environment: .system)
            await #expect(throws: VaultError.notInitialised) {
                _ = try await Vault.open(database, keys: .keys([.generate()]), environment: .system)
            }
            await database.close()
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `of two that initialise at once one wins, and the other hears of it`(engine: TestDatabase) async throws {
        try await engine.with { url, _ in
            let database = try await SQLDatabase.open(url, schemas: [Vault.schema], environment: .system)
            let outcomes = await withTaskGroup(of: String?.self) { group in
                for _ in 0..<8 {
                    group.addTask {
                        do {
                            return try await Vault.initialise(database, keys: .keys([.generate()]), environment: .system)
                        } catch VaultError.alreadyInitialised {
                            return nil
                        } catch {
                            return "\(error)"
                        }
                    }
                }
                return await group.reduce(into: [String?]()) { $0.append($1) }
            }
            let stored = try await database.read { try $0.rows("SELECT id FROM vault_keys").map { try $0.get("id", as: String.self) } }
            #expect(stored.count == 1)
            #expect(outcomes.compactMap(\.self) == stored)
            await database.close()
        }
    }
}
