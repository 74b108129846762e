import Logging
import MartletCore
import MartletTesting
import Testing

@testable import Vault

/// Running connections over a scripted token endpoint.
struct ConnectionScene: Sendable {
    let base: VaultScene
    let store: MemoryStore
    let leases: EpochLeases
    let exchange: ScriptedExchange
    let connections: Connections
    let logs: LogLines

    var clock: VirtualClock { base.clock }

    /// - Parameter sweeps: how often connections that are due are looked for; by default never in the length of a test.
    static func with(
        _ engine: TestDatabase = .sqlite, seed: UInt64 = 1, sweeps: Duration = .seconds(100 * 86_400),
        _ body: @escaping @Sendable (ConnectionScene) async throws -> Void
    ) async throws {
        try await VaultScene.with(engine, seed: seed) { base in
            let scene = try await ConnectionScene(base, sweeps: sweeps)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await scene.connections.run() }
                // The sweep that every run begins with is over.
                try await scene.clock.waitForSleepers(1)
                do {
                    try await body(scene)
                } catch {
                    group.cancelAll()
                    throw error
                }
                scene.connections.stop()
                try await group.waitForAll()
            }
        }
    }

    private init(_ base: VaultScene, sweeps: Duration) async throws {
        self.base = base
        store = MemoryStore(environment: base.environment)
        leases = EpochLeases()
        exchange = ScriptedExchange()
        logs = LogLines()
        var options = ConnectionOptions()
        options.sweepInterval = sweeps
        connections = Connections(vault: base.vault, leases: leases, store: store, exchange: exchange, options: options, logger: logs.logger)
    }

    static func provider(_ change: (inout OAuthProvider) -> Void = { _ in }) -> OAuthProvider {
        var provider = OAuthProvider(
            name: "acme", authorizationEndpoint: "https://login.example.com/authorize", tokenEndpoint: "https://login.example.com/token",
            clientID: "client id", clientSecret: Secret("cl13nt:s3cret"))
        provider.scopes = ["read", "write"]
        change(&provider)
        return provider
    }

    /// An authorized connection with the tokens `access-1` and `refresh-1`, good for an hour.
    func connected(
        _ name: String = "mail", refresh: String? = "refresh-1", lifetime: Int = 3600, _ change: (inout OAuthProvider) -> Void = { _ in }
    ) async throws -> OAuthConnection {
        try await connections.define(Self.provider(change))
        let link = try await connections.begin(
            AuthorizationOrder(provider: "acme", connection: name, redirectURI: "https://us.example.com/callback", session: "browser"))
        exchange.script(.tokens("access-1", refresh: refresh, lifetime: lifetime))
        return try await connections.complete(AuthorizationCallback(state: link.state, code: "code"), session: "browser")
    }

    /// The types of the events of a stream.
    func events(_ stream: String) async throws -> [String] {
        try await store.read(stream, after: 0, limit: 100).events.map(\.type)
    }

    /// Waits until nothing but the sweep and `others` sleep, and lets the next one wake up.
    func wakeNext(sleepers: Int) async throws {
        try await clock.waitForSleepers(sleepers)
        clock.advanceToNextSleeper()
    }
}
