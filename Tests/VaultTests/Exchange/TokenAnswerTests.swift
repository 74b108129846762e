import MartletCore
import MartletTesting
import Testing

@testable import Vault

@Suite struct TokenAnswerTests {
    private func answer(_ status: Int, _ body: String = "", retryAfter: String? = nil) -> TokenAnswer {
        TokenAnswer(.success(TokenReply(status: status, retryAfter: retryAfter, body: Array(body.utf8))), now: VirtualClock.defaultStart)
    }

    @Test func `each answer says whether the server acted`() {
        #expect(answer(400, #"{"error":"invalid_grant"}"#) == .grantRefused(code: "invalid_grant"))
        #expect(answer(401, #"{"error":"invalid_client"}"#) == .clientRefused(reason: "invalid_client, 401"))
        #expect(answer(401) == .clientRefused(reason: "status 401"))
        #expect(answer(403, "<html>") == .clientRefused(reason: "status 403"))
        #expect(answer(302) == .clientRefused(reason: "status 302"))
        #expect(answer(429, retryAfter: "7") == .notNow(reason: "the server asks for patience (429)", retryAfter: .seconds(7)))
        #expect(answer(503) == .notNow(reason: "the server is busy (503)", retryAfter: nil))
        #expect(answer(400, #"{"error":"temporarily_unavailable"}"#) == .notNow(reason: "the server asks for patience (400)", retryAfter: nil))
        for status in [500, 502, 504, 599] { #expect(answer(status, "{}") == .unknown(reason: "the server failed (\(status))")) }
        #expect(TokenAnswer(.failure(.init(reason: "refused", mayHaveReached: false)), now: .epoch) == .notNow(reason: "refused", retryAfter: nil))
        #expect(TokenAnswer(.failure(.init(reason: "time-out", mayHaveReached: true)), now: .epoch) == .unknown(reason: "time-out"))
    }

    @Test(arguments: [
        "", "<html>welcome</html>", "{", "[]", "null", #"{"token_type":"bearer"}"#, #"{"access_token":7}"#, #"{"access_token":""}"#,
        #"{"access_token":"a\r\nX-Evil: 1"}"#, #"{"access_token":"a","token_type":"mac"}"#, #"{"access_token":"a","expires_in":0}"#,
        #"{"access_token":"a","expires_in":-5}"#, #"{"access_token":"a","expires_in":"soon"}"#, #"{"access_token":"a","refresh_token":5}"#,
        #"{"access_token":"a","refresh_token":""}"#, #"{"access_token":"a"}{"access_token":"b"}"#, #"{"access_token":"a","access_token":"b"}"#,
    ])
    func `H2-5 a good status with a reply that cannot be read is unknown, not a reason to ask again`(body: String) {
        guard case .unknown = answer(200, body) else {
            Issue.record("\(answer(200, body))")
            return
        }
    }

    @Test func `replies of servers that differ are read`() throws {
        let plain = try TokenGrant(Array(#"{"access_token":"a","token_type":"BEARER","expires_in":"3599","scope":"x y","other":{}}"#.utf8))
        #expect(plain.lifetime == .seconds(3599))
        #expect(plain.scopes == ["x", "y"])
        #expect(plain.tokens == TokenSet(access: Secret("a"), refresh: nil))
        let bare = try TokenGrant(Array(#"{"access_token":"a","refresh_token":null,"expires_in":null}"#.utf8))
        #expect(bare.lifetime == nil)
        #expect(try TokenGrant(Array(#"{"access_token":"a","expires_in":1e300}"#.utf8)).lifetime == Limits.delay)
    }

    @Test func `H2-8 nothing that a server wrote is kept but its error code`() {
        let refused = answer(400, #"{"error":"invalid_scope","error_description":"token abc123","error_uri":"x"}"#)
        #expect(refused == .clientRefused(reason: "invalid_scope, 400"))
        #expect(answer(400, #"{"error":"<script>abc123</script>"}"#) == .clientRefused(reason: "status 400"))
        var dumped = ""
        dump(TokenReply(status: 200, retryAfter: nil, body: Array("abc123".utf8)), to: &dumped)
        #expect(!dumped.contains("97"))
    }
}
