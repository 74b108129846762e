import MartletCore

/// The keys of an issuer.
struct TokenKeys: Sendable {
    static let countMax = 100
    /// Of keys without a name at most so many are tried.
    private static let triesMax = 4

    let keys: [TokenKey]

    /// The keys of a key set that are of use here; the others are passed over (RFC 7517, section 5).
    /// - Throws: `JSONError`; `TokenKey.Fault` for what is no key set.
    static func published(_ bytes: [UInt8]) async throws -> TokenKeys {
        guard case .array(let elements)? = try JSON(parsing: bytes)["keys"] else { throw TokenKey.Fault.otherKind }
        var keys: [TokenKey] = []
        for element in elements.prefix(countMax) {
            do {
                keys.append(try await TokenKey.published(element))
            } catch {
                continue
            }
        }
        guard !keys.isEmpty else { throw TokenKey.Fault.otherKind }
        return TokenKeys(keys: keys)
    }

    /// The keys that may have signed a token with this header.
    /// - Throws: `algorithm` where none is for it; `unknownKey` where none has the name.
    func candidates(_ algorithm: String?, _ id: String?) throws(TokenFault) -> [TokenKey] {
        let fitting = keys.filter { $0.algorithm.rawValue == algorithm }
        let named = fitting.filter { id == nil || $0.id == nil || $0.id == id }.prefix(Self.triesMax)
        if !named.isEmpty { return Array(named) }
        // An issuer may have begun with a new key, perhaps of another kind: the next look at its key set will tell.
        let mayBeNew = keys.isEmpty || id != nil && [TokenKey.Algorithm.rs256, .es256].contains { $0.rawValue == algorithm }
        throw mayBeNew ? .unknownKey : .algorithm
    }
}
