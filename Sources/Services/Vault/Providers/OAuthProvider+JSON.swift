import Database
import MartletCore

extension OAuthProvider {
    /// Everything but the client secret.
    var json: JSON {
        let grace: JSON =
            switch rotation {
            case .never: .null
            case .always(let grace): .integer(grace.microseconds)
            }
        return [
            "authorization_endpoint": authorizationEndpoint.map { .string($0) } ?? .null, "token_endpoint": .string(tokenEndpoint),
            "revocation_endpoint": revocationEndpoint.map { .string($0) } ?? .null, "issuer": issuer.map { .string($0) } ?? .null,
            "client_id": .string(clientID), "authentication": .string(authentication.rawValue), "scopes": .array(scopes.map { .string($0) }),
            "authorization_fields": StringMap.json(authorizationFields), "token_fields": StringMap.json(tokenFields), "rotation_grace_us": grace,
            "default_lifetime_us": .integer(defaultLifetime.microseconds),
        ]
    }

    init(name: String, json: JSON, clientSecret: Secret?) throws {
        guard let endpoint = json["token_endpoint"]?.stringValue, let id = json["client_id"]?.stringValue,
            let authentication = json["authentication"]?.stringValue.flatMap(ClientAuthentication.init(rawValue:)),
            case .array(let scopes)? = json["scopes"], let lifetime = json["default_lifetime_us"]?.integerValue
        else { throw DatabaseFailure(.corrupt, reason: "the definition of a provider is not one that this build writes: define it again") }
        self.init(name: name, tokenEndpoint: endpoint, clientID: id, clientSecret: clientSecret, authentication: authentication)
        authorizationEndpoint = json["authorization_endpoint"]?.stringValue
        revocationEndpoint = json["revocation_endpoint"]?.stringValue
        issuer = json["issuer"]?.stringValue
        self.scopes = scopes.compactMap(\.stringValue)
        authorizationFields = try StringMap.read(json["authorization_fields"])
        tokenFields = try StringMap.read(json["token_fields"])
        rotation = json["rotation_grace_us"]?.integerValue.map { .always(grace: .microseconds(Int64($0))) } ?? .never
        defaultLifetime = .microseconds(Int64(lifetime))
    }
}
