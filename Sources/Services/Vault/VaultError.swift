/// Why the vault could not do it. Never holds a key, a secret or a part of one.
public enum VaultError: Error, Sendable, Hashable {
    /// The database knows no key yet.
    case notInitialised
    /// The database has a key already, and it is another one.
    case alreadyInitialised(key: String)
    /// What is in the database needs a key that the source does not hold.
    case keyMissing(needed: String, held: [String], source: String)
    /// The key source cannot be read or written.
    case keyUnreadable(source: String, reason: String)
    /// Others than its owner may read or write the key file.
    case keyExposed(path: String, mode: UInt32)
    /// The source has no key to rotate to, and cannot be given one.
    case noNewKey(source: String)
    /// A secret's bytes are not those that were sealed under its name.
    case damaged(name: String)
    case notFound(name: String)
    /// A name or a value that the vault does not take.
    case invalid(field: String, reason: String)
}

extension VaultError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .notInitialised: "the vault has no key yet: run 'martlet vault init'"
        case .alreadyInitialised(let key): "the vault has the key \(key) already: use that one, or run 'martlet vault rotate' to change it"
        case .keyMissing(let needed, let held, let source):
            "the vault needs the key \(needed), and \(source) holds \(held.joined(separator: ", ")): this is the wrong key, or an older file"
        case .keyUnreadable(let source, let reason): "the vault's key cannot be used (\(source)): \(reason)"
        case .keyExposed(let path, let mode):
            "the key file \(path) may be read by others (mode \(String(mode, radix: 8))): run 'chmod 600 \(path)', and rotate if others had access"
        case .noNewKey(let source): "\(source) holds no new key: put one in front of the present one, apart by a comma, and run this again"
        case .damaged(let name): "what is stored as '\(name)' is not what was sealed under that name: restore it from a backup, or put it again"
        case .notFound(let name): "there is no secret named '\(name)'"
        case .invalid(let field, let reason): "\(field) \(reason)"
        }
    }
}
