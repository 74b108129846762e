import Database
import Logging
import MartletCore
import Synchronization

/// Values that are slow to compute, computed once: by one of the callers in this process and, with a `LeaseKeeper`, by one of all processes.
///
/// * Who waits, waits for one computation. A process that dies in it has exactly one successor, and what the dead or a paused one writes
///   later is refused by its epoch.
/// * A value is renewed shortly before its time by one of its readers (`EarlyRefresh`); the others are served meanwhile.
/// * A computation that throws is shared by those who wait and not kept; a value past its time is served in its place where the policy allows.
/// * `invalidate` is heard by every process within a second, and a computation that began before it is not kept.
///
/// `run()` does the computing: a caller waits for it. Keys are at most 512 bytes. The shared table holds what `database` holds; expiries in it
/// are by the wall clocks of the machines, which are to agree within a fraction of the shortest `ttl`.
public final class Cache: Sendable {
    public let name: String
    let limits: CacheLimits
    let leases: (any LeaseKeeper)?
    let shared: SharedValues
    let invalidations: Invalidations
    let environment: Environment
    let logger: Logger
    let state: Mutex<CacheState>
    let metrics: CacheMetrics
    /// Flights in the order they were begun; as many as the limits allow.
    let starts: AsyncStream<Int>
    let startsEnd: AsyncStream<Int>.Continuation

    /// - Parameters:
    ///   - name: names the values in the shared table; at most 64 bytes. One cache of a name in a process.
    ///   - leases: with one, values are shared by all processes that use the same database and store; without, each process has its own, and
    ///     invalidations are heard by all the same.
    public init(
        _ name: String, in database: SQLDatabase, leases: (any LeaseKeeper)?, limits: CacheLimits = CacheLimits(), environment: Environment,
        logger: Logger = Logger(label: "martlet.cache")
    ) {
        precondition((1...64).contains(name.utf8.count), "a cache's name is from 1 to 64 bytes long")
        self.name = name
        self.limits = limits
        self.leases = leases
        self.environment = environment
        self.logger = logger
        shared = SharedValues(cache: name, database: database, environment: environment)
        invalidations = Invalidations(cache: name, database: database, environment: environment)
        state = Mutex(CacheState(cache: name, limits: limits))
        metrics = CacheMetrics(cache: name)
        (starts, startsEnd) = AsyncStream.makeStream(of: Int.self, bufferingPolicy: .bufferingOldest(limits.flights))
    }

    /// The value under `key`, computed where there is none that is good.
    /// - Parameter compute: answers `nil` where there is nothing, which is kept too. Of several callers' the first one's is run.
    /// - Throws: what `compute` throws; `CacheError`, `LeaseError`, `DatabaseFailure`, `StoreError`; `CancellationError` where the caller is
    ///   cancelled, which does not disturb the computation.
    public func bytes(
        for key: String, _ policy: CachePolicy, compute: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws -> [UInt8]? {
        try Self.check(key)
        let now = environment.clock.uptime()
        let die = EarlyRefresh.die(environment.random.next())
        let (answer, started) = state.withLock { $0.ask(key, policy, at: now, die: die, compute) }
        if let started { startsEnd.yield(started) }
        switch answer {
        case .value(let value):
            metrics.hit()
            return value
        case .refused(let error): throw error
        case .wait(let flight):
            metrics.missed()
            return try await wait(for: flight, key, policy, compute)
        }
    }

    /// The flight ended between two looks: its value is in memory now, or another look begins another flight.
    private struct Landed: Error {}

    private func wait(
        for flight: Int, _ key: String, _ policy: CachePolicy, _ compute: @escaping @Sendable () async throws -> [UInt8]?
    ) async throws -> [UInt8]? {
        let waiter = state.withLock { $0.takeNumber() }
        do {
            return try await withTaskCancellationHandler {
                try await withCheckedThrowingContinuation { continuation in
                    let refusal = state.withLock { state -> (any Error)? in
                        if Task.isCancelled { return CancellationError() }
                        if state.join(flight, as: waiter, continuation) { return nil }
                        return state.isStopped ? CacheError.stopped(cache: name) : Landed()
                    }
                    if let refusal { continuation.resume(throwing: refusal) }
                }
            } onCancel: {
                state.withLock { $0.leave(flight, as: waiter) }?.resume(throwing: CancellationError())
            }
        } catch is Landed {
            return try await bytes(for: key, policy, compute: compute)
        }
    }

    /// Forgets one value, here at once and everywhere within a second.
    /// - Throws: `DatabaseFailure`: then others may still serve it.
    public func invalidate(_ key: String) async throws {
        try Self.check(key)
        try await invalidate(KeyRange(key: key))
    }

    /// Forgets all values whose key begins with `prefix`; all there are with an empty one.
    public func invalidate(prefix: String) async throws {
        try await invalidate(KeyRange(prefix: prefix))
    }

    private func invalidate(_ range: KeyRange) async throws {
        // Here also where the others could not be told.
        defer { forget(range) }
        try await invalidations.append(range)
    }

    /// Forgets in this process what a transaction of the caller's own has invalidated for all.
    func forget(_ range: KeyRange) {
        state.withLock { $0.forget(range) }
    }

    public var statistics: CacheStatistics { state.withLock { $0.report } }

    static func check(_ key: String) throws(CacheError) {
        guard !key.isEmpty else { throw .invalidKey(reason: "must not be empty") }
        guard key.utf8.count <= CacheLimits.keyBytes else { throw .invalidKey(reason: "must not be longer than \(CacheLimits.keyBytes) bytes") }
    }
}
