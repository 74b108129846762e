import Foundation

/// Where the envelope keys are: never in the database that they protect.
public enum KeySource: Sendable, Hashable {
    /// A file of the process's own user that nobody else may read, one key to a line in base64, the newest first.
    case file(path: String)
    /// A variable of the environment with keys in base64, the newest first, apart by commas or white space.
    case environment(variable: String)
    /// Keys that the embedding program got elsewhere, the newest first.
    case keys([VaultKey])

    /// More keys than this are a mistake.
    static let keysMax = 32

    /// - Throws: `VaultError.keyUnreadable`, `VaultError.keyExposed`.
    func load() throws(VaultError) -> Keyring {
        switch self {
        case .keys(let keys):
            guard !keys.isEmpty else { throw .keyUnreadable(source: description, reason: "it holds no key") }
            return Keyring(keys: keys)
        case .environment(let variable):
            guard let text = ProcessInfo.processInfo.environment[variable] else {
                throw .keyUnreadable(source: description, reason: "the variable is not set")
            }
            return try parse(text)
        case .file(let path): return try parse(try KeyFile(path: path).read())
        }
    }

    private func parse(_ text: String) throws(VaultError) -> Keyring {
        let words = text.split { $0.isWhitespace || $0 == "," }
        guard !words.isEmpty else { throw .keyUnreadable(source: description, reason: "it holds no key") }
        guard words.count <= Self.keysMax else {
            throw .keyUnreadable(source: description, reason: "it holds more than \(Self.keysMax) keys: remove the oldest")
        }
        var keys: [VaultKey] = []
        for (index, word) in words.enumerated() {
            guard let key = VaultKey(base64: word) else {
                throw .keyUnreadable(source: description, reason: "key \(index + 1) is not 32 bytes in base64")
            }
            keys.append(key)
        }
        return Keyring(keys: keys)
    }
}

extension KeySource: CustomStringConvertible {
    public var description: String {
        switch self {
        case .file(let path): path
        case .environment(let variable): "the variable \(variable)"
        case .keys: "the program's own keys"
        }
    }
}
