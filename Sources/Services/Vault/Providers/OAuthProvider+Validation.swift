import MartletCore

extension OAuthProvider {
    /// Fields that this client writes itself: a definition that set them would break the protocol's safeguards.
    private static let reserved: Set<String> = [
        "response_type", "client_id", "redirect_uri", "scope", "state", "code_challenge", "code_challenge_method", "grant_type", "code",
        "code_verifier", "refresh_token", "client_secret",
    ]

    /// - Throws: `ConnectionError.invalid`.
    func validate() throws(ConnectionError) {
        for (field, text) in [("provider", name), ("client_id", clientID)] {
            if text.isEmpty { throw .invalid(field: field, reason: "must not be empty") }
            if let reason = NewJob.nameFault(text) { throw .invalid(field: field, reason: reason) }
        }
        for (field, text) in [
            ("token_endpoint", tokenEndpoint as String?), ("authorization_endpoint", authorizationEndpoint),
            ("revocation_endpoint", revocationEndpoint),
        ] {
            if let text { _ = try EndpointTemplate(text, field: field) }
        }
        switch (authentication, clientSecret) {
        case (.none, .some): throw .invalid(field: "client_secret", reason: "is given, and the client does not authenticate itself")
        case (.basic, nil), (.post, nil): throw .invalid(field: "client_secret", reason: "is missing; a public client authenticates by 'none'")
        default: break
        }
        for scope in scopes { try Self.validate(scope: scope) }
        for name in Array(authorizationFields.keys) + Array(tokenFields.keys) where Self.reserved.contains(name) {
            throw .invalid(field: name, reason: "is written by the client itself and cannot be set")
        }
        if case .always(let grace) = rotation, grace < .zero || grace > .seconds(3600) {
            throw .invalid(field: "rotation.grace", reason: "must be from zero to an hour")
        }
        guard defaultLifetime >= .seconds(10), defaultLifetime <= Limits.delay else {
            throw .invalid(field: "default_lifetime", reason: "must be from ten seconds to ten years")
        }
    }

    /// A scope is visible ASCII without quotes and backslashes (RFC 6749, section 3.3).
    static func validate(scope: String) throws(ConnectionError) {
        let isGood = !scope.isEmpty && scope.utf8.allSatisfy { $0 == 0x21 || (0x23...0x5B).contains($0) || (0x5D...0x7E).contains($0) }
        guard isGood, scope.utf8.count <= Limits.nameBytes else { throw .invalid(field: "scopes", reason: "hold something that is no scope") }
    }
}
