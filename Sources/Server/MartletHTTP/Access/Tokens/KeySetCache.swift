import Logging
import MartletCore
import Synchronization

/// An issuer's published keys: fetched when the server starts, every ten minutes, and when a token names a key that is not among them. Where the
/// issuer does not answer, the keys that are known go on counting for a day.
final class KeySetCache: Sendable {
    static let deadline: Duration = .seconds(10)
    static let interval: Duration = .seconds(600)
    /// A token with an unknown key makes the server ask at most this often, however many such tokens come.
    static let intervalMin: Duration = .seconds(10)
    static let staleMax: Duration = .seconds(86_400)
    static let bytesMax = 256 << 10

    struct Known: Sendable {
        var keys = TokenKeys(keys: [])
        /// Grows when the keys change.
        var generation = 0
    }

    private struct State {
        var known = Known()
        var body: [UInt8] = []
        var triedAt: Duration?
        var fetchedAt: Duration?
    }

    private struct TooLate: Error {}

    private let url: String
    private let source: any KeySetSource
    private let clock: any EngineClock
    private let logger: Logger
    private let state = Mutex(State())
    private let refresher: Refresher

    init(url: String, source: any KeySetSource, clock: any EngineClock, logger: Logger) {
        (self.url, self.source, self.clock, self.logger) = (url, source, clock, logger)
        refresher = Refresher(every: Self.interval, atMostEvery: .milliseconds(100), clock: clock)
    }

    func run() async { await refresher.run { await refresh() } }

    /// - Parameter isMissing: whether what is known does not do: then the issuer is asked first, where it has not just been.
    func keys(isMissing: Bool) async throws(Problem) -> Known {
        let now = clock.uptime()
        let mayAsk = state.withLock { state in state.triedAt.map { now - $0 >= Self.intervalMin } ?? true }
        if isMissing, mayAsk { try await refresher.next() }
        return state.withLock { state in
            if let fetched = state.fetchedAt, clock.uptime() - fetched > Self.staleMax {
                state.known.keys = TokenKeys(keys: [])
                state.known.generation += 1
                (state.fetchedAt, state.body) = (nil, [])
            }
            return state.known
        }
    }

    private func refresh() async {
        state.withLock { $0.triedAt = clock.uptime() }
        do {
            let body = try await fetch()
            if state.withLock({ $0.body == body }) {
                state.withLock { $0.fetchedAt = clock.uptime() }
                return
            }
            let keys = try await TokenKeys.published(body)
            state.withLock { state in
                state.known = Known(keys: keys, generation: state.known.generation + 1)
                state.body = body
                state.fetchedAt = clock.uptime()
            }
            logger.info("the issuer's keys have changed", metadata: ["keys": "\(keys.keys.count)"])
        } catch is CancellationError {
            return
        } catch {
            // An error that classifies itself says what happened and holds no secret; of others that is not known.
            let reason = (error as? any ClassifiedError)?.failure.message ?? "\(type(of: error))"
            logger.warning("the issuer's keys cannot be fetched; those that are known go on counting", metadata: ["error": "\(reason)"])
        }
    }

    private func fetch() async throws -> [UInt8] {
        try await withThrowingTaskGroup(of: [UInt8].self) { group in
            group.addTask { try await self.source.fetch(self.url, bytesMax: Self.bytesMax) }
            group.addTask {
                try await self.clock.sleep(for: Self.deadline)
                throw TooLate()
            }
            defer { group.cancelAll() }
            return try await group.next() ?? []
        }
    }
}
