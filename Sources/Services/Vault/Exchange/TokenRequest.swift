import Foundation

/// A form for an authorization server. Printing it shows the address alone.
public struct TokenRequest: Sendable {
    public let url: String
    /// As whom the server knows this side; no secret (RFC 6749, section 2.2).
    public let clientID: String
    /// `Content-Type` and `Accept` among them.
    public let headers: [(name: String, value: String)]
    public let body: [UInt8]

    /// - Throws: `ConnectionError.invalid`.
    init(
        _ endpoint: String, _ fields: [(name: String, value: String)], of provider: OAuthProvider, _ parameters: [String: String]
    ) throws(ConnectionError) {
        url = try EndpointTemplate(endpoint, field: "token_endpoint").fill(parameters)
        clientID = provider.clientID
        var headers: [(name: String, value: String)] = [
            ("Content-Type", "application/x-www-form-urlencoded"), ("Accept", "application/json"),
        ]
        var fields = fields
        switch provider.authentication {
        case .basic:
            // Both parts are encoded like a form before they are joined (RFC 6749, section 2.3.1).
            let pair = "\(PercentEncoding.encode(provider.clientID)):\(PercentEncoding.encode(provider.clientSecret?.text ?? ""))"
            headers.append(("Authorization", "Basic \(Data(pair.utf8).base64EncodedString())"))
        case .post:
            fields += [("client_id", provider.clientID), ("client_secret", provider.clientSecret?.text ?? "")]
        case .none:
            fields.append(("client_id", provider.clientID))
        }
        self.headers = headers
        body = Array(PercentEncoding.form(fields).utf8)
    }
}

extension TokenRequest {
    /// New tokens for a connection. `nil` where it has no refresh token and needs one.
    static func refresh(_ snapshot: ConnectionSnapshot) throws(ConnectionError) -> TokenRequest? {
        let provider = snapshot.provider
        let further = provider.tokenFields.sorted { $0.key < $1.key }.map { (name: $0.key, value: $0.value) }
        var fields: [(name: String, value: String)]
        switch snapshot.row.kind {
        case .clientCredentials:
            fields = [("grant_type", "client_credentials")]
            if !snapshot.row.scopes.isEmpty { fields.append(("scope", snapshot.row.scopes.joined(separator: " "))) }
        case .authorizationCode:
            // Without a scope the server grants the same as before (RFC 6749, section 6).
            guard let refresh = snapshot.tokens?.refresh else { return nil }
            fields = [("grant_type", "refresh_token"), ("refresh_token", refresh.text)]
        }
        return try TokenRequest(provider.tokenEndpoint, fields + further, of: provider, snapshot.row.parameters)
    }
}

extension TokenRequest: CustomStringConvertible, CustomReflectable {
    public var description: String { "POST \(url.prefix { $0 != "?" })" }
    public var customMirror: Mirror { Mirror(self, children: ["url": url.prefix { $0 != "?" }]) }
}
