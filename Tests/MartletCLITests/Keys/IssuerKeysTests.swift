import MartletCore
import MartletTesting
import Outbound
import Testing

@testable import MartletCLI

@Suite struct IssuerKeysTests {
    private func error(_ url: String) async throws -> OutboundError? {
        // No deadline ends before a busy machine has answered.
        let environment = Environment(clock: VirtualClock(), random: SeededRandom(seed: 1))
        let store = MemoryStore(environment: environment)
        do {
            _ = try await OpenOutbound.with([], store: store, environment: environment) { client in
                try await IssuerKeys(client: client).fetch(url, bytesMax: 1024)
            }
            return nil
        } catch let error as OutboundError {
            return error
        }
    }

    @Test func `an issuer inside is asked where its network is allowed, one on this machine always`() async throws {
        guard case .forbiddenAddress = try await error("https://10.1.2.3/keys") else {
            Issue.record("a private network was asked")
            return
        }
        for url in ["http://127.0.0.1:1/keys", "https://localhost:1/keys", "https://[::1]:1/keys"] {
            guard case .connection(_, _, mayHaveArrived: false) = try await error(url) else {
                Issue.record("\(url) was not asked")
                continue
            }
        }
    }
}
