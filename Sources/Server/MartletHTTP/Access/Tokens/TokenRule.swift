import MartletCore

/// What the claims of a token whose signature is right mean (RFC 7519, section 4.1).
struct TokenRule: Sendable {
    let settings: TokenSettings

    func verified(_ claims: JSON, at now: Timestamp) throws(TokenFault) -> VerifiedToken {
        guard claims["iss"]?.stringValue == settings.issuer else { throw .issuer }
        guard Self.texts(claims["aud"]).contains(settings.audience) else { throw .audience }
        guard let expiry = Self.time(claims["exp"]) else { throw .expired }
        let end = expiry + settings.leeway
        guard now < end else { throw .expired }
        for name in ["nbf", "iat"] {
            guard let claim = claims[name], claim != .null else { continue }
            guard let time = Self.time(claim), time <= now + settings.leeway else { throw .early }
        }
        let subject = Limits.cut(claims["sub"]?.stringValue ?? "a token without a subject", to: 128)
        let principal = Principal(name: subject, scopes: scopes(claims), tenant: try tenant(claims))
        return VerifiedToken(principal: principal, end: end)
    }

    private func scopes(_ claims: JSON) -> Scopes {
        switch claims[settings.scopesClaim] {
        case nil, .null?: settings.defaultScopes
        case .string(let text)?: Scopes(names: text.split(separator: " "))
        case let other?: Scopes(names: Self.texts(other))
        }
    }

    private func tenant(_ claims: JSON) throws(TokenFault) -> String? {
        guard let name = settings.tenantClaim else { return nil }
        guard let tenant = claims[name]?.stringValue, FieldReader.isName(tenant) else { throw .tenant }
        return tenant
    }

    private static func texts(_ json: JSON?) -> [String] {
        switch json {
        case .string(let text): [text]
        case .array(let elements): elements.compactMap(\.stringValue)
        default: []
        }
    }

    /// A NumericDate: seconds, perhaps with a fraction.
    private static func time(_ json: JSON?) -> Timestamp? {
        guard let seconds = json?.doubleValue, seconds >= 0, seconds < 253_402_300_799 else { return nil }
        return Timestamp(microseconds: Int64(seconds * 1_000_000))
    }
}
