import Foundation
import Testing

@testable import Vault

@Suite struct KeySourceTests {
    private func withFolder(_ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "martlet-keys-\(VaultKey.generate().id)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { #expect(throws: Never.self) { try FileManager.default.removeItem(at: folder) } }
        try body(folder.path)
    }

    private func mode(_ path: String) throws -> Int {
        try #require(try FileManager.default.attributesOfItem(atPath: path)[.posixPermissions] as? Int)
    }

    @Test func `a key file is made once, for its owner alone`() throws {
        try withFolder { folder in
            let file = KeyFile(path: "\(folder)/vault.key")
            let key = try file.create()
            #expect(try mode(file.path) == 0o600)
            #expect(try KeySource.file(path: file.path).load().keys == [key])
            let failure = #expect(throws: VaultError.self) { _ = try file.create() }
            #expect("\(try #require(failure))".contains("exists"))
            #expect(try KeySource.file(path: file.path).load().keys == [key])
            #expect(try FileManager.default.contentsOfDirectory(atPath: folder) == ["vault.key"])
        }
    }

    @Test(arguments: [0o640, 0o604, 0o660, 0o666, 0o610])
    func `a key file that others may read or write is refused`(mode: Int) throws {
        try withFolder { folder in
            let path = "\(folder)/vault.key"
            _ = try KeyFile(path: path).create()
            try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: path)
            #expect(throws: VaultError.keyExposed(path: path, mode: UInt32(mode))) { try KeySource.file(path: path).load() }
        }
    }

    @Test func `a file that is missing, empty, no file or no keys says so, and shows nothing of itself`() throws {
        try withFolder { folder in
            for text in ["", "\n \n", "c2VjcmV0", "hunter2% tr0ub4dor!", VaultKey.generate().base64 + "\nhunter2"] {
                let path = "\(folder)/vault.key"
                try Data(text.utf8).write(to: URL(filePath: path))
                try FileManager.default.setAttributes([.posixPermissions: 0o600], ofItemAtPath: path)
                let failure = try #require(#expect(throws: VaultError.self) { try KeySource.file(path: path).load() })
                for word in text.split(whereSeparator: \.isWhitespace) { #expect(!"\(failure)".contains(word)) }
            }
            #expect(throws: VaultError.self) { try KeySource.file(path: "\(folder)/none").load() }
            #expect(throws: VaultError.self) { try KeySource.file(path: folder).load() }
            // A pipe that nobody writes to is not waited for.
            #expect(mkfifo("\(folder)/pipe", 0o600) == 0)
            #expect(throws: VaultError.self) { try KeySource.file(path: "\(folder)/pipe").load() }
        }
    }

    @Test func `keys come from a variable too, the newest first`() throws {
        let keys = [VaultKey.generate(), VaultKey.generate()]
        setenv("MARTLET_VAULT_TEST_KEYS", keys.map(\.base64).joined(separator: ", "), 1)
        defer { unsetenv("MARTLET_VAULT_TEST_KEYS") }
        #expect(try KeySource.environment(variable: "MARTLET_VAULT_TEST_KEYS").load().keys == keys)
        #expect(throws: VaultError.self) { try KeySource.environment(variable: "MARTLET_VAULT_TEST_NONE").load() }
    }

    @Test func `a key is named by what is derived from it, and never printed`() throws {
        let key = VaultKey.generate()
        #expect(VaultKey(base64: key.base64)?.id == key.id)
        #expect(VaultKey(base64: key.base64.filter { $0 != "=" }) == key)
        #expect(VaultKey.generate().id != key.id)
        var dumped = ""
        dump(key, to: &dumped)
        for text in ["\(key)", String(reflecting: key), dumped] { #expect(!text.contains(key.base64)) }
    }
}
