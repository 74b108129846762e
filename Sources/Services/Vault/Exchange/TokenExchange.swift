/// One form posted to an authorization server. What reaches the network is the embedding program's: `Outbound`, or any other client.
public protocol TokenExchange: Sendable {
    /// Posts the request once: no retry, no redirect followed, the server's certificate checked, the address kept from private networks where
    /// the URL comes from users.
    /// - Parameter limit: the longest time for everything.
    /// - Throws: `TokenExchangeFailure` where there is no whole reply, cancellation included.
    func post(_ request: TokenRequest, within limit: Duration) async throws(TokenExchangeFailure) -> TokenReply
}
