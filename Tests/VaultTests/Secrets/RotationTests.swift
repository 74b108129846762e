import Database
import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import Vault

@Suite struct RotationTests {
    private struct Stop: Error {}

    private func put(_ count: Int, _ scene: VaultScene) async throws {
        for number in 0..<count { try await scene.vault.put(Secret("value \(number)"), named: "name \(number)") }
    }

    private func keyIDs(_ scene: VaultScene) async throws -> Set<String> {
        try await scene.database.read { Set(try $0.rows("SELECT key_id FROM vault_secrets").map { try $0.get("key_id", as: String.self) }) }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a rotation wraps every row anew in batches, and the old key is needed no more`(engine: TestDatabase) async throws {
        try await VaultScene.with(engine) { scene in
            try await put(25, scene)
            let old = try scene.keys.load().keys[0]
            let steps = Mutex<[Int]>([])
            let report = try await scene.vault.rotate(batch: 10, forgetting: true) { done in steps.withLock { $0.append(done) } }
            #expect(report.rewrapped == 25)
            #expect(report.damaged.isEmpty)
            #expect(report.retired == [old.id])
            #expect(steps.withLock { $0 } == [10, 20, 25, 25])
            let keys = try scene.keys.load().keys
            #expect(keys.map(\.id) == [report.key])
            #expect(try await keyIDs(scene) == [report.key])
            // Another process that knows nothing but the new key.
            let other = try await Vault.open(scene.database, keys: scene.keys, environment: scene.environment)
            #expect(try await other.get("name 7") == Secret("value 7"))
            #expect(try await scene.vault.get("name 24") == Secret("value 24"))
        }
    }

    @Test func `the old key stays in the file unless it is to be forgotten, for older backups`() async throws {
        try await VaultScene.with { scene in
            try await put(1, scene)
            let old = try scene.keys.load().keys
            let report = try await scene.vault.rotate()
            #expect(try scene.keys.load().keys.map(\.id) == [report.key] + old.map(\.id))
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `a process that has not heard of a rotation goes on, and seals under the new key`(engine: TestDatabase) async throws {
        try await VaultScene.with(engine) { scene in
            try await put(3, scene)
            let server = try await Vault.open(scene.database, keys: scene.keys, environment: scene.environment)
            let report = try await scene.vault.rotate(forgetting: true)
            #expect(try await server.get("name 1") == Secret("value 1"))
            try await server.put(Secret("late"), named: "late")
            #expect(try await keyIDs(scene) == [report.key])
        }
    }

    @Test(arguments: TestDatabase.allCases)
    func `secrets put and read while a rotation runs are neither lost nor left under the old key`(engine: TestDatabase) async throws {
        try await VaultScene.with(engine) { scene in
            try await put(40, scene)
            let server = try await Vault.open(scene.database, keys: scene.keys, environment: scene.environment)
            let report = try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for number in 0..<60 {
                        try await server.put(Secret("new \(number)"), named: "name \(number)")
                        #expect(try await server.get("name \(number)") == Secret("new \(number)"))
                    }
                }
                let report = try await scene.vault.rotate(batch: 3)
                try await group.waitForAll()
                return report
            }
            #expect(try await keyIDs(scene) == [report.key])
            for number in 0..<60 { #expect(try await scene.vault.get("name \(number)") == Secret("new \(number)")) }
        }
    }

    /// Stops a rotation after each of its moments, and does it again.
    @Test(arguments: ["key in the file", "key in the database", "first batch", "before the end"])
    func `a rotation that was stopped goes on where it stood`(moment: String) async throws {
        try await VaultScene.with { scene in
            try await put(25, scene)
            let old = try scene.keys.load().keys[0]
            let new = VaultKey.generate()
            try KeyFile(path: scene.keyPath).change { keys throws(VaultError) in [new] + keys }
            if moment != "key in the file" {
                let now = scene.clock.now()
                try await scene.database.write { connection in
                    try connection.run("UPDATE vault_keys SET is_primary = \(false)")
                    try connection.run("INSERT INTO vault_keys (id, is_primary, created_at) VALUES (\(new.id), \(true), \(now))")
                }
            }
            if moment == "first batch" || moment == "before the end" {
                let limit = moment == "first batch" ? 10 : 24
                let sealer = Sealer(ring: Keyring(keys: [new, old]), primary: new)
                try await scene.database.write { connection in
                    for row in try connection.rows("SELECT * FROM vault_secrets ORDER BY name LIMIT \(limit)") {
                        let address = SecretAddress(kind: .secret, tenant: "", name: try row.get("name"))
                        let value = try sealer.rewrap(try SealedValue(row), at: address)
                        try connection.run(
                            "UPDATE vault_secrets SET key_id = \(value.keyID), wrapped_key = \(value.wrappedKey) WHERE \(SecretRows.matching(address))"
                        )
                    }
                }
            }
            // Both keys open meanwhile.
            for number in 0..<25 { #expect(try await scene.vault.get("name \(number)") == Secret("value \(number)")) }
            let report = try await scene.vault.rotate(batch: 10)
            #expect(report.key == new.id)
            #expect(report.retired == [old.id])
            #expect(try await keyIDs(scene) == [new.id])
            for number in 0..<25 { #expect(try await scene.vault.get("name \(number)") == Secret("value \(number)")) }
        }
    }

    @Test func `one damaged row holds back no other, and keeps the old key in use`() async throws {
        try await VaultScene.with { scene in
            try await put(5, scene)
            try await scene.database.write { try $0.run("UPDATE vault_secrets SET wrapped_key = \([1, 2, 3] as [UInt8]) WHERE name = \("name 2")") }
            let report = try await scene.vault.rotate(batch: 2, forgetting: true)
            #expect(report.rewrapped == 4)
            #expect(report.damaged == ["secret  name 2"])
            #expect(report.retired.isEmpty)
            #expect(try scene.keys.load().keys.count == 2)
            #expect(try await scene.vault.get("name 4") == Secret("value 4"))
            await #expect(throws: VaultError.damaged(name: "name 2")) { try await scene.vault.get("name 2") }
        }
    }

    @Test func `keys of the environment are rotated by putting one in front`() async throws {
        try await TestDatabase.sqlite.with { url, _ in
            let database = try await SQLDatabase.open(url, schemas: [Vault.schema], environment: .system)
            let (old, new) = (VaultKey.generate(), VaultKey.generate())
            try await Vault.initialise(database, keys: .keys([old]), environment: .system)
            let before = try await Vault.open(database, keys: .keys([old]), environment: .system)
            try await before.put(Secret("one"), named: "api")
            await #expect(throws: VaultError.noNewKey(source: "the program's own keys")) { try await before.rotate() }
            let after = try await Vault.open(database, keys: .keys([new, old]), environment: .system)
            #expect(try await after.rotate().key == new.id)
            #expect(try await Vault.open(database, keys: .keys([new]), environment: .system).get("api") == Secret("one"))
            // One that was not given the new key is told which it lacks.
            await #expect(throws: VaultError.keyMissing(needed: new.id, held: [old.id], source: "the program's own keys")) {
                try await before.get("api")
            }
            await database.close()
        }
    }
}
