import MartletCore
import NIOCore
import NIOHTTP1
import Outbound
import Vault

/// Posts the forms of `Vault` through `Outbound`: under its deadlines, its limits and its guard of addresses.
///
/// Once and no more: whether a form may be sent again is for the vault to say, which knows what the first one may have done.
public struct OutboundTokenExchange: TokenExchange {
    /// What token endpoints are called where limits and metrics are told apart.
    public static let destination = "token-endpoint"

    private let client: OutboundClient
    private let destination: Destination

    /// - Parameter networks: private networks that token endpoints may be in, beside those of the client's configuration.
    public init(_ client: OutboundClient, networks: [Network] = []) {
        self.client = client
        var destination = Destination(Self.destination, deadlines: .tokenExchange)
        destination.retry = .none
        destination.redirectsMax = 0
        destination.requestBytesMax = 256 << 10
        destination.responseBytesMax = TokenReply.bodyBytesMax
        destination.allowedNetworks = networks
        // A provider's definition has it for loopback alone, which must be allowed besides; and no redirect leads to it.
        destination.allowsPlainHTTP = true
        self.destination = destination
    }

    public func post(_ request: TokenRequest, within limit: Duration) async throws(TokenExchangeFailure) -> TokenReply {
        let headers = HTTPHeaders(request.headers.map { ($0.name, $0.value) })
        var call = OutboundRequest(
            .POST, request.url, to: destination, credential: Self.credential(request), headers: headers,
            body: .bytes(ByteBuffer(bytes: request.body)))
        call.within = limit
        do {
            let reply = try await client.reply(to: call)
            return TokenReply(
                status: reply.status, retryAfter: reply.headers.first(name: "Retry-After"), body: reply.bytes)
        } catch let error as OutboundError {
            throw TokenExchangeFailure(reason: "\(error)", mayHaveReached: Self.mayHaveReached(error), retryAfter: Self.patience(error))
        } catch {
            throw TokenExchangeFailure(reason: "the exchange was cancelled", mayHaveReached: true)
        }
    }

    /// A server counts by client: what it refuses one client is no reason to keep another one from it, nor from another server.
    private static func credential(_ request: TokenRequest) -> String {
        let origin = request.url.prefix { $0 != "?" }.split(separator: "/", maxSplits: 2).dropFirst().first ?? ""
        let name = "\(request.clientID)@\(origin)".unicodeScalars.filter { $0.value >= 0x20 && $0.value != 0x7F }
        return Limits.cut(String(String.UnicodeScalarView(name)), to: 80)
    }

    private static func mayHaveReached(_ error: OutboundError) -> Bool {
        switch error {
        case .refused, .forbiddenAddress, .unresolvable, .invalidRequest, .requestTooLarge, .stopped: false
        case .deadline(let phase, _, _): phase != .connect
        case .connection(_, _, let mayHaveArrived): mayHaveArrived
        case .redirectRefused, .responseTooLarge, .status: true
        }
    }

    private static func patience(_ error: OutboundError) -> Duration? {
        if case .refused(_, let delay, _) = error { delay } else { nil }
    }
}
