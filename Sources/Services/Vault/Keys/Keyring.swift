/// The envelope keys that a process holds. Which of them seals is written in the database; the others open what they once sealed.
struct Keyring: Sendable {
    /// The newest first.
    let keys: [VaultKey]

    subscript(id: String) -> VaultKey? { keys.first { $0.id == id } }
}
