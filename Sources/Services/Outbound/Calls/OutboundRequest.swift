import MartletCore
import NIOHTTP1

/// A call to be made. There is none without a destination: limits and deadlines are the destination's.
public struct OutboundRequest: Sendable {
    public let destination: Destination
    public var method: HTTPMethod
    public var url: String
    public var headers: HTTPHeaders
    public var body: OutboundBody?
    /// Whose credential the request carries; a name, never the secret. Calls of one credential share its limits.
    public var credential: String?
    /// Set where the provider counts a group of endpoints apart.
    public var endpoint: String?
    /// Sent as `Idempotency-Key`: makes a call repeatable whose method is not.
    public var idempotencyKey: String?
    /// Makes the total deadline shorter for this call: the time that the caller has left.
    public var within: Duration?

    public init(
        _ method: HTTPMethod = .GET, _ url: String, to destination: Destination, credential: String? = nil, endpoint: String? = nil,
        headers: HTTPHeaders = [:], body: OutboundBody? = nil, idempotencyKey: String? = nil
    ) {
        self.method = method
        self.url = url
        self.destination = destination
        self.credential = credential
        self.endpoint = endpoint
        self.headers = headers
        self.body = body
        self.idempotencyKey = idempotencyKey
    }

    var scope: Scope { Scope(destination: destination.name, credential: credential, endpoint: endpoint) }

    func check() throws(OutboundError) {
        if let fault = destination.fault ?? scope.fault { throw .invalidRequest(fault) }
        if let within, within <= .zero { throw .deadline(.total, destination: destination.name, limit: within) }
        for (_, value) in headers where value.utf8.contains(where: { ($0 < 0x20 && $0 != 0x09) || $0 == 0x7F }) {
            throw .invalidRequest("a header's value holds control characters")
        }
        if let key = idempotencyKey, Scope.nameFault(key, bytesMax: Limits.keyBytes) != nil {
            throw .invalidRequest("the idempotency key is empty, too long or holds control characters")
        }
        if let length = body?.length, length > destination.requestBytesMax {
            throw .requestTooLarge(destination: destination.name, bytesMax: destination.requestBytesMax)
        }
    }

    /// The headers of the first hop.
    func wireHeaders(userAgent: String) -> HTTPHeaders {
        var headers = headers
        if let idempotencyKey { headers.replaceOrAdd(name: "Idempotency-Key", value: idempotencyKey) }
        if !headers.contains(name: "User-Agent") { headers.add(name: "User-Agent", value: userAgent) }
        if !headers.contains(name: "Accept-Encoding") { headers.add(name: "Accept-Encoding", value: "gzip, deflate") }
        return headers
    }
}
