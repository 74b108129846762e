import MartletCore

/// What a request to a token endpoint came to, read for the one question that matters: did the server act?
enum TokenAnswer: Sendable, Equatable {
    /// It did, and these are the tokens.
    case granted(TokenGrant)
    /// It did not, and never will: the code or the refresh token is no longer good (`invalid_grant`).
    case grantRefused(code: String)
    /// It did not, and will not until somebody changes the definition of the client or the provider.
    case clientRefused(reason: String)
    /// It did not, for sure: never reached, or too busy. Asking again is harmless.
    case notNow(reason: String, retryAfter: Duration?)
    /// Nobody knows: no reply, one that cannot be read, or one that tells of trouble half-way.
    case unknown(reason: String)

    init(_ result: Result<TokenReply, TokenExchangeFailure>, now: Timestamp) {
        switch result {
        case .failure(let failure):
            self = failure.mayHaveReached ? .unknown(reason: failure.reason) : .notNow(reason: failure.reason, retryAfter: failure.retryAfter)
        case .success(let reply): self.init(reply, now: now)
        }
    }

    private init(_ reply: TokenReply, now: Timestamp) {
        let patience = reply.retryAfter.flatMap { RetryAfter.parse($0, now: now) }
        switch reply.status {
        case 200..<300:
            do throws(TokenGrant.Malformed) {
                self = .granted(try TokenGrant(reply.body))
            } catch {
                // The server has acted, and what it gave is lost.
                self = .unknown(reason: error.reason)
            }
        case 429: self = .notNow(reason: "the server asks for patience (429)", retryAfter: patience)
        case 503: self = .notNow(reason: "the server is busy (503)", retryAfter: patience)
        case 500...: self = .unknown(reason: "the server failed (\(reply.status))")
        default:
            switch Self.code(reply.body) {
            case "invalid_grant" where reply.status == 400 || reply.status == 401: self = .grantRefused(code: "invalid_grant")
            case "temporarily_unavailable"?, "slow_down"?:
                self = .notNow(reason: "the server asks for patience (\(reply.status))", retryAfter: patience)
            case let code?: self = .clientRefused(reason: "\(code), \(reply.status)")
            case nil: self = .clientRefused(reason: "status \(reply.status)")
            }
        }
    }

    /// The error code of RFC 6749, section 5.2. Nothing else of an error is kept: its description may hold anything.
    private static func code(_ body: [UInt8]) -> String? {
        do throws(JSONError) {
            guard let code = try JSON(parsing: body)["error"]?.stringValue else { return nil }
            return isCode(code) ? code : nil
        } catch {
            // A page for people in place of JSON: the status says enough.
            return nil
        }
    }

    static func isCode(_ text: String) -> Bool {
        (1...64).contains(text.utf8.count) && text.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == UInt8(ascii: "_") }
    }
}
