import MartletCore

/// A PostgreSQL database behind a pool of connections, each with a thread of its own.
///
/// A body is a synchronous closure that runs on the connection's thread. It may be run more than once: what other transactions undo
/// (serialization failures, deadlocks) and what a lost connection leaves undone for certain is run again from its start, after a
/// jittered wait. So it has no effect but on the database.
public final class PostgresDatabase: Sendable {
    private let pool: PostgresPool
    private let listener: PostgresListener
    let environment: Environment
    let settings: PostgresSettings

    private init(_ address: PostgresAddress) throws(DatabaseFailure) {
        pool = try PostgresPool(address)
        listener = PostgresListener(address)
        settings = address.settings
        environment = address.environment
    }

    /// Connects, and brings the tables up to date.
    /// - Parameter url: `postgres://user:password@host:port/database?sslmode=…`, with the parameters of libpq and our own (`PostgresSettings`).
    /// - Throws: `DatabaseFailure`.
    public static func open(
        _ url: String, schemas: [Schema] = [], settings: PostgresSettings = PostgresSettings(), environment: Environment
    ) async throws(DatabaseFailure) -> PostgresDatabase {
        let url = try PostgresURL(url)
        var settings = settings
        try settings.apply(url)
        let database = try PostgresDatabase(try PostgresAddress(url, settings: settings, environment: environment))
        do {
            // However short callers may wait for a connection, the first one takes the time that it takes.
            try await database.repeating(nil, wait: settings.connectTimeout, opening: nil) { _ = try $0.answer("SELECT 1") }
            for schema in schemas { try await database.migrate(schema) }
            return database
        } catch {
            await database.close()
            throw DatabaseFailure(error)
        }
    }

    /// Runs `body` on a connection, each statement in a transaction of its own: one statement, one round trip.
    /// - Parameter limit: the time for everything, waiting for a connection included; its end cancels the statement that runs.
    /// - Throws: what `body` throws, `DatabaseFailure`, or `CancellationError`.
    @discardableResult
    public func run<Value: Sendable>(
        within limit: Duration? = nil, _ body: @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        try await repeating(limit, opening: nil, body)
    }

    /// Runs `body` in one transaction, which is committed when it returns and rolled back when it throws.
    /// - Throws: what `body` throws, `DatabaseFailure`, or `CancellationError`.
    @discardableResult
    public func transaction<Value: Sendable>(
        _ isolation: Isolation = .readCommitted, readOnly: Bool = false, within limit: Duration? = nil,
        _ body: @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        try await repeating(limit, opening: pool.address.opening(isolation, readOnly: readOnly), body)
    }

    public var metrics: PoolMetrics { pool.metrics }

    /// What is said on the channels from now on, and `unspecific` whenever something may have been missed. The stream ends with the
    /// database; where `canListen` is false it says nothing.
    public func notifications(_ channels: [String]) -> AsyncStream<PostgresNotification> { listener.notifications(channels) }

    /// Whether notifications reach this process: not behind a pooler, unless `listen=host:port` in the URL leads past it.
    public var canListen: Bool { pool.address.canListen }

    /// Says something on a channel, to whoever listens now.
    /// - Parameter payload: at most 7999 bytes.
    public func notify(_ channel: String, _ payload: String = "") async throws {
        _ = try await run { try $0.run("SELECT pg_notify(\(channel), \(payload))") }
    }

    deinit {
        listener.shut()
        pool.shut(grace: .zero)
    }

    /// Refuses everything from now on, waits for what is under way, and closes the connections.
    /// - Parameter grace: how long a use may go on before its statement is cancelled.
    public func close(grace: Duration = .seconds(5)) async {
        await listener.close()
        await pool.close(grace: grace)
    }

    private func repeating<Value: Sendable>(
        _ limit: Duration?, wait: Duration? = nil, opening: [SQL]?, _ body: @Sendable (PostgresConnection) throws -> Value
    ) async throws -> Value {
        let deadline = limit.map { environment.clock.uptime() + $0 }
        var backoff = Backoff(base: .milliseconds(2), max: .milliseconds(500))
        var attempt = 1
        while true {
            let patience = environment.clock.uptime() + (wait ?? settings.wait)
            let lease = try await pool.acquire(until: min(patience, deadline ?? patience))
            let outcome = await withTaskCancellationHandler {
                await lease.session.use(lease.use, deadline: deadline, opening: opening, body)
            } onCancel: {
                lease.session.interruption.interrupt(lease.use, .cancelled)
            }
            pool.release(lease, isUsable: outcome.isUsable)
            switch outcome.result {
            case .success(let value): return value
            case .failure(let error):
                guard outcome.isWorthAnotherAttempt, attempt < settings.attempts else { throw error }
                attempt += 1
                try await environment.clock.sleep(for: backoff.failed(environment))
            }
        }
    }
}
