import MartletCore

/// The tokens of a good answer (RFC 6749, section 5.1).
struct TokenGrant: Sendable, Equatable {
    let tokens: TokenSet
    /// `nil` where the server does not say.
    let lifetime: Duration?
    /// `nil` where they are those asked for.
    let scopes: [String]?

    /// Why an answer is none.
    struct Malformed: Error {
        let reason: String
    }

    /// Strict where a mistake would be carried on, lenient where servers are known to differ: `token_type` may be missing, `expires_in` a string.
    init(_ body: [UInt8]) throws(Malformed) {
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: body)
        } catch {
            throw Malformed(reason: "the reply is not JSON")
        }
        guard let access = try Self.token("access_token", json) else { throw Malformed(reason: "the reply has no access token") }
        if let type = json["token_type"], !type.isNull {
            guard type.stringValue?.lowercased() == "bearer" else { throw Malformed(reason: "the reply's token is no bearer token") }
        }
        lifetime = try Self.lifetime(json["expires_in"])
        scopes = json["scope"]?.stringValue.map(StringMap.words)
        tokens = TokenSet(access: access, refresh: try Self.token("refresh_token", json))
    }

    /// Visible ASCII (RFC 6749, appendix A.12): what goes into a header must not end it.
    private static func token(_ name: String, _ json: JSON) throws(Malformed) -> Secret? {
        guard let value = json[name], !value.isNull else { return nil }
        guard let text = value.stringValue, !text.isEmpty, text.utf8.allSatisfy({ (0x20...0x7E).contains($0) }) else {
            throw Malformed(reason: "the reply's \(name) is no token")
        }
        return Secret(text)
    }

    private static func lifetime(_ value: JSON?) throws(Malformed) -> Duration? {
        guard let value, !value.isNull else { return nil }
        guard let seconds = value.doubleValue ?? value.stringValue.flatMap({ Double($0) }), seconds.isFinite, seconds > 0 else {
            throw Malformed(reason: "the reply's expires_in is no time to come")
        }
        return min(.microseconds(Int64(min(seconds, 1e9) * 1e6)), Limits.delay)
    }
}
