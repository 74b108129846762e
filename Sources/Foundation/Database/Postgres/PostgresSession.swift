import CLibPQ
import Glibc
import MartletCore
import Synchronization

/// A connection's owner: everything that blocks happens on its thread.
actor PostgresSession {
    /// How a use of the connection ended, and whether the connection can be used again.
    struct Outcome<Value: Sendable>: Sendable {
        var result: Result<Value, any Error>
        var isUsable: Bool
        /// Undone by circumstances; the same body may well succeed the next time.
        var isWorthAnotherAttempt: Bool
    }

    nonisolated let id: Int
    nonisolated let executor: ThreadExecutor
    nonisolated let interruption: Interruption
    private let database: PostgresAddress
    private var connection: PostgresConnection?

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    init(id: Int, database: PostgresAddress) throws(DatabaseFailure) {
        self.id = id
        self.database = database
        executor = try ThreadExecutor()
        interruption = Interruption(bell: executor.bell)
    }

    /// Connects. Called on the thread.
    /// - Parameter ended: hears, on the thread, that the server has ended the connection while it idled.
    func connect(ended: @escaping @Sendable () -> Void) -> DatabaseFailure? {
        let pg: OpaquePointer
        do throws(DatabaseFailure) { pg = try database.connect() } catch { return error }
        connection = PostgresConnection(
            pg, interruption: interruption, clock: database.environment.clock, settings: database.settings, traits: database.traits)
        executor.watch(ThreadExecutor.Watch(socket: PQsocket(pg)) { self.assumeIsolated { $0.listen(ended) } })
        return nil
    }

    /// The server has said something unasked: mostly that it ends.
    private func listen(_ ended: @Sendable () -> Void) {
        guard let connection, connection.notice() else { return }
        executor.watch(nil)
        ended()
    }

    /// Whether the server answers.
    func isAlive() -> Bool {
        guard let connection else { return false }
        interruption.begin(-1)
        connection.deadline = database.environment.clock.uptime() + database.settings.cancelGrace
        return connection.answers()
    }

    func use<Value: Sendable>(
        _ use: Int, deadline: Duration?, opening: [SQL]?, _ body: @Sendable (PostgresConnection) throws -> Value
    ) -> Outcome<Value> {
        guard let connection else { return Outcome(result: .failure(DatabaseFailure.stale), isUsable: false, isWorthAnotherAttempt: true) }
        connection.deadline = deadline
        connection.statementTimeout = database.settings.statementTimeout
        connection.failure = nil
        connection.isUsed = false
        let result = Result { if let opening { try connection.transaction(opening, body) } else { try body(connection) } }
        // What a body has left open, or has swallowed, is not passed on to the next.
        connection.rollback()
        var isWorth = false
        if case .failure = result { isWorth = connection.failure?.isWorthAnotherAttempt ?? false }
        return Outcome(result: result, isUsable: !connection.isBroken, isWorthAnotherAttempt: isWorth && interruption.reason == nil)
    }

    /// Closes the connection and ends the thread. Called on the thread.
    func close() {
        executor.watch(nil)
        connection = nil
        executor.stop()
    }
}
