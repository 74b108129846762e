import Testing

@testable import Vault

@Suite struct SealerTests {
    private static let address = SecretAddress(kind: .secret, tenant: "acme", name: "api")

    private func sealer(_ keys: [VaultKey], primary: Int = 0) -> Sealer { Sealer(ring: Keyring(keys: keys), primary: keys[primary]) }

    @Test func `what is sealed opens, and looks different each time`() throws {
        let sealer = sealer([.generate()])
        let first = try sealer.seal(Secret("hunter2"), at: Self.address)
        let second = try sealer.seal(Secret("hunter2"), at: Self.address)
        #expect(try sealer.open(first, at: Self.address) == Secret("hunter2"))
        #expect(first.sealed != second.sealed)
        #expect(first.wrappedKey != second.wrappedKey)
        // Nonce, data, tag.
        #expect(first.sealed.count == 12 + 7 + 16)
        #expect(first.wrappedKey.count == 12 + 32 + 16)
    }

    @Test func `ciphertext moved to another row, tenant or kind does not open`() throws {
        let sealer = sealer([.generate()])
        let value = try sealer.seal(Secret("hunter2"), at: Self.address)
        for other in [
            SecretAddress(kind: .secret, tenant: "acme", name: "apj"), SecretAddress(kind: .secret, tenant: "acm", name: "eapi"),
            SecretAddress(kind: .provider, tenant: "acme", name: "api"), SecretAddress(kind: .secret, tenant: "", name: "acmeapi"),
        ] {
            #expect(throws: VaultError.damaged(name: other.name)) { try sealer.open(value, at: other) }
        }
        // Nor do the parts of two rows make one.
        let second = try sealer.seal(Secret("hunter3"), at: Self.address)
        let mixed = SealedValue(keyID: value.keyID, wrappedKey: second.wrappedKey, sealed: value.sealed)
        #expect(throws: VaultError.damaged(name: "api")) { try sealer.open(mixed, at: Self.address) }
    }

    @Test func `a single changed bit is found, wherever it is`() throws {
        let sealer = sealer([.generate()])
        let value = try sealer.seal(Secret("hunter2"), at: Self.address)
        for index in value.sealed.indices {
            var broken = value
            broken.sealed[index] ^= 1
            #expect(throws: VaultError.damaged(name: "api")) { try sealer.open(broken, at: Self.address) }
        }
        for index in value.wrappedKey.indices {
            var broken = value
            broken.wrappedKey[index] ^= 0x80
            #expect(throws: VaultError.damaged(name: "api")) { try sealer.open(broken, at: Self.address) }
        }
        for length in [0, 1, 27, 28] {
            var cut = value
            cut.sealed = Array(value.sealed.prefix(length))
            #expect(throws: VaultError.damaged(name: "api")) { try sealer.open(cut, at: Self.address) }
        }
    }

    @Test func `a row says which key it needs`() throws {
        let value = try sealer([.generate()]).seal(Secret("hunter2"), at: Self.address)
        #expect(throws: MissingKey.self) { try sealer([.generate()]).open(value, at: Self.address) }
    }

    @Test func `a data key wrapped anew opens with the new key alone`() throws {
        let (old, new) = (VaultKey.generate(), VaultKey.generate())
        let value = try sealer([old]).seal(Secret("hunter2"), at: Self.address)
        let rewrapped = try sealer([new, old]).rewrap(value, at: Self.address)
        #expect(rewrapped.sealed == value.sealed)
        #expect(rewrapped.keyID == new.id)
        #expect(try sealer([new]).open(rewrapped, at: Self.address) == Secret("hunter2"))
    }

    @Test func `H2-8 a secret shows nothing of itself, however it is printed`() {
        let secret = Secret("hunter2")
        var dumped = ""
        dump([secret], to: &dumped)
        for text in ["\(secret)", String(reflecting: secret), String(describing: Optional(secret)), dumped] {
            #expect(!text.contains("hunter2"))
            #expect(!text.contains("104"), "the bytes are no better than the text")
        }
    }
}
