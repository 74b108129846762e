import Logging
import MartletCore
import Outbound

/// The one client of this process for others' servers.
enum OpenOutbound {
    /// Makes it, hands it over, and ends its connections, whatever happens.
    static func with<Result>(
        _ networks: [Network], store: any Store, environment: Environment, _ body: (OutboundClient) async throws -> Result
    ) async throws -> Result {
        var configuration = OutboundConfiguration()
        configuration.allowedNetworks = networks
        let client = OutboundClient(
            configuration: configuration, store: store, environment: environment, logger: Logger(label: "martlet.outbound"))
        let result: Result
        do {
            result = try await body(client)
        } catch {
            try await client.shutdown()
            throw error
        }
        try await client.shutdown()
        return result
    }
}
