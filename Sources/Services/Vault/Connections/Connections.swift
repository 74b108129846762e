import Database
import Logging
import MartletCore

/// OAuth 2.0 connections: authorizes them, keeps their tokens fresh, and says so where it cannot.
///
/// One process at a time refreshes a connection: it holds a named lease, reads again, writes down that it is about to ask, asks, and commits the
/// new refresh token before anybody gets the access token. Each of these writes carries the lease's epoch, so that a holder that was paused
/// past its lease writes nothing. Refreshes belong to `run()` and not to whoever asks for a token: a caller that gives up loses no reply.
public final class Connections: Sendable {
    let vault: Vault
    let leases: any LeaseKeeper
    let store: any Store
    let exchange: any TokenExchange
    let environment: Environment
    let options: ConnectionOptions
    let logger: Logger
    let flights: Flights

    /// - Parameters:
    ///   - leases: where processes agree on who refreshes; an engine on their common store.
    ///   - store: where owners are told: in the stream `connection/ID`, and in `audit` where a state changes.
    ///   - exchange: reaches the token endpoints.
    public init(
        vault: Vault, leases: any LeaseKeeper, store: any Store, exchange: any TokenExchange, options: ConnectionOptions = ConnectionOptions(),
        logger: Logger = Logger(label: "martlet.vault")
    ) {
        self.vault = vault
        self.leases = leases
        self.store = store
        self.exchange = exchange
        environment = vault.environment
        self.options = options
        self.logger = logger
        flights = Flights(concurrency: max(1, options.concurrency), waitingMax: options.waitingMax)
    }

    /// - Throws: `ConnectionError.notFound`; `DatabaseFailure`.
    public func connection(_ id: JobID) async throws -> OAuthConnection {
        let found = try await vault.database.read { connection in
            try connection.rows("SELECT * FROM vault_connections WHERE id = \(id)").first.map { try ConnectionRow($0).connection }
        }
        guard let found else { throw ConnectionError.notFound("connection \(id)") }
        return found
    }

    /// The connection of this name, or `nil`.
    public func connection(named name: String, tenant: String = "") async throws -> OAuthConnection? {
        try await vault.database.read { connection in
            try connection.rows("SELECT * FROM vault_connections WHERE tenant = \(tenant) AND name = \(name)").first
                .map { try ConnectionRow($0).connection }
        }
    }

    /// The connections of a tenant by name, after `name`.
    /// - Parameter limit: at most `Limits.pageMax`.
    public func list(tenant: String = "", after name: String = "", limit: Int = Limits.pageDefault) async throws -> [OAuthConnection] {
        let limit = min(max(limit, 1), Limits.pageMax)
        return try await vault.database.read { connection in
            try connection.rows(
                "SELECT * FROM vault_connections WHERE tenant = \(tenant) AND name > \(name) ORDER BY name LIMIT \(limit)"
            ).map { try ConnectionRow($0).connection }
        }
    }

    /// A connection with its tokens and its provider.
    func load(_ id: JobID) async throws -> ConnectionSnapshot {
        try await vault.read { rows in
            guard let row = try rows.connection.rows("SELECT * FROM vault_connections WHERE id = \(id)").first else {
                throw ConnectionError.notFound("connection \(id)")
            }
            let connection = try ConnectionRow(row)
            guard let provider = try rows.provider(connection.provider, of: connection.providerTenant) else {
                throw ConnectionError.notFound("provider '\(connection.provider)'")
            }
            let tokens = try rows.get(connection.tokens).flatMap { try TokenSet($0) }
            return ConnectionSnapshot(row: connection, tokens: tokens, provider: provider)
        }
    }
}
