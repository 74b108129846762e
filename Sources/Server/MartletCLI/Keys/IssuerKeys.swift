import AsyncHTTPClient
import MartletHTTP
import NIOCore
import NIOHTTP1

/// Asks an issuer for its keys over HTTP. Redirects are not followed: the configuration names the place.
struct IssuerKeys: KeySetSource {
    private struct Refused: Error {
        let status: UInt
    }

    func fetch(_ url: String, bytesMax: Int) async throws -> [UInt8] {
        // Every ten minutes or so: no connection is worth keeping that long.
        let client = HTTPClient(eventLoopGroupProvider: .singleton, configuration: .init(redirectConfiguration: .disallow))
        do {
            let bytes = try await fetch(url, bytesMax, client)
            try await client.shutdown()
            return bytes
        } catch {
            try await client.shutdown()
            throw error
        }
    }

    private func fetch(_ url: String, _ bytesMax: Int, _ client: HTTPClient) async throws -> [UInt8] {
        var request = HTTPClientRequest(url: url)
        request.headers.add(name: "Accept", value: "application/jwk-set+json, application/json")
        let response = try await client.execute(request, timeout: .seconds(10))
        guard response.status.code == 200 else { throw Refused(status: response.status.code) }
        return Array(try await response.body.collect(upTo: bytesMax).readableBytesView)
    }
}
