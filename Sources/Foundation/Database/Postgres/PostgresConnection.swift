import CLibPQ
import MartletCore

/// One connection, for as long as the closure that it was handed to runs, on the connection's own thread.
public final class PostgresConnection: SQLConnection {
    /// What is open, and so what the loss of the connection would mean.
    enum Phase {
        case autocommit
        /// The texts that open the transaction go out with its first statement.
        case beginning([SQL])
        case transaction
        case committing
    }

    let pg: OpaquePointer
    let interruption: Interruption
    let clock: any EngineClock
    let settings: PostgresSettings
    let traits: ServerTraits
    var cache = StatementCache()
    var phase = Phase.autocommit
    /// The first failure of the transaction that is open: whatever the body makes of it, it decides whether another attempt is worth it.
    var failure: DatabaseFailure?
    /// The longest time of one statement.
    var statementTimeout: Duration
    /// When the caller gives up, in time since the start of the process.
    var deadline: Duration?
    var isBroken = false
    /// Whether anything was sent since the connection was handed out.
    var isUsed = false

    init(_ pg: OpaquePointer, interruption: Interruption, clock: any EngineClock, settings: PostgresSettings, traits: ServerTraits) {
        self.pg = pg
        self.interruption = interruption
        self.clock = clock
        self.settings = settings
        statementTimeout = settings.statementTimeout
        self.traits = traits
    }

    deinit { PQfinish(pg) }

    @discardableResult
    public func run(_ sql: SQL) throws -> Int { try answer(sql).changes }

    public func rows(_ sql: SQL) throws -> [Row] { try answer(sql).rows() }

    /// Runs one statement in one round trip.
    /// - Throws: `DatabaseFailure`, or `CancellationError` where the task was cancelled: the server was told, and has stopped.
    public func answer(_ sql: SQL) throws -> PostgresAnswer { try batch([sql])[0] }

    /// Runs statements in one round trip. Outside a transaction they are one transaction of their own: all of them happen, or none.
    public func batch(_ statements: [SQL]) throws -> [PostgresAnswer] {
        do {
            return try exchange(statements)
        } catch let failure as DatabaseFailure {
            if self.failure == nil { self.failure = failure }
            throw failure
        }
    }

    public func savepoint<Value>(_ body: () throws -> Value) throws -> Value {
        let outer = failure
        try run("SAVEPOINT martlet")
        do {
            let value = try body()
            try run("RELEASE martlet")
            return value
        } catch {
            if !isBroken && PQtransactionStatus(pg) != PQTRANS_IDLE {
                _ = try batch(["ROLLBACK TO martlet", "RELEASE martlet"])
                // Undone, and with it the failure; a deadlock's or a serialization failure's is not.
                if failure?.isWorthAnotherAttempt != true { failure = outer }
            }
            throw error
        }
    }

    /// Runs `body` between BEGIN and COMMIT.
    func transaction<Value>(_ opening: [SQL], _ body: (PostgresConnection) throws -> Value) throws -> Value {
        failure = nil
        phase = .beginning(opening)
        do {
            let value = try body(self)
            if case .beginning = phase {
                phase = .autocommit
                return value
            }
            if let failure, PQtransactionStatus(pg) == PQTRANS_INERROR { throw failure }
            phase = .committing
            try run("COMMIT")
            phase = .autocommit
            return value
        } catch {
            rollback()
            throw error
        }
    }

    /// Ends whatever is open. A connection that cannot be cleaned is broken, and closed by the pool.
    func rollback() {
        defer { phase = .autocommit }
        if case .beginning = phase { return }
        guard !isBroken, PQtransactionStatus(pg) != PQTRANS_IDLE else { return }
        phase = .transaction
        do {
            _ = try exchange(["ROLLBACK"], isCleaning: true)
        } catch {
            isBroken = true
        }
    }
}

extension PostgresConnection {
    /// Takes in what the server has said unasked.
    /// - Returns: whether the connection has ended.
    func notice() -> Bool {
        if PQconsumeInput(pg) == 0 || PQstatus(pg) == CONNECTION_BAD { isBroken = true }
        return isBroken
    }

    /// Whether the server answers.
    func answers() -> Bool {
        do {
            try run("SELECT 1")
            return true
        } catch {
            isBroken = true
            return false
        }
    }

    /// What `LISTEN` has heard and nobody has taken yet.
    func nextNotification() -> PostgresNotification? {
        guard let notification = PQnotifies(pg) else { return nil }
        defer { PQfreemem(notification) }
        return .message(channel: String(cString: notification.pointee.relname), payload: String(cString: notification.pointee.extra))
    }
}
