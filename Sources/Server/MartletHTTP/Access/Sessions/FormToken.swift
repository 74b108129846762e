import Crypto

/// What a form of this server carries and another site's cannot know: made of the session's token, so that nothing need be kept for it.
enum FormToken {
    static let field = "form_token"

    static func of(session token: String) -> String {
        let code = HMAC<SHA256>.authenticationCode(for: Array("form".utf8), using: SymmetricKey(data: Array(token.utf8)))
        return Base32.encode(code)
    }

    static func isRight(_ text: String?, session token: String) -> Bool {
        KeySecret.areEqual(Array((text ?? "").utf8), Array(of(session: token).utf8))
    }
}
