import Foundation
import MartletCore
import MartletHTTP
import NIOHTTP1
import Outbound

/// Asks an issuer for its keys over `Outbound`. Redirects are not followed: the configuration names the place.
struct IssuerKeys: KeySetSource {
    let client: OutboundClient

    private static let loopback = ["127.0.0.0/8", "::1/128"].compactMap { Network($0) }

    func fetch(_ url: String, bytesMax: Int) async throws -> [UInt8] {
        var destination = Destination("issuer-keys", deadlines: .authentication)
        // Whoever asks does so again, at his own pace.
        destination.retry = .none
        destination.redirectsMax = 0
        destination.responseBytesMax = bytesMax
        if Self.isLoopback(url) {
            // An issuer on this machine is one that the operator has put there.
            destination.allowsPlainHTTP = true
            destination.allowedNetworks = Self.loopback
        }
        let request = OutboundRequest(.GET, url, to: destination, headers: ["Accept": "application/jwk-set+json, application/json"])
        let reply = try await client.reply(to: request)
        guard reply.status == 200 else { throw OutboundError.status(reply.status, destination: destination.name, retryAfter: reply.retryAfter) }
        return reply.bytes
    }

    private static func isLoopback(_ url: String) -> Bool {
        guard let host = URLComponents(string: url)?.host?.trimmingCharacters(in: ["[", "]"]) else { return false }
        return host == "localhost" || IPAddress(host).map { address in loopback.contains { $0.contains(address) } } ?? false
    }
}
