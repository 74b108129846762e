import Logging
import Synchronization

/// Writes settlements: while one batch is under way the next one gathers, so neither a tick bounds the rate nor a commit is paid per job.
/// Runs beside the jobs, not inside them: cancelling a job never cancels the record of what became of it.
final class Settler: Sendable {
    private struct Entry: Sendable {
        let settlement: Settlement
        let answer: @Sendable (SettleResult) -> Void
    }

    private struct State {
        var gathered: [Entry] = []
        var isClosed = false
    }

    /// Settlements in one call of the store.
    static let batchMax = 1000

    private let store: any Store
    private let environment: Environment
    private let logger: Logger
    private let state = Mutex(State())
    private let bell = Doorbell()

    init(store: any Store, environment: Environment, logger: Logger) {
        self.store = store
        self.environment = environment
        self.logger = logger
    }

    /// Hands a settlement over. `answer` is called once: when it is durable, refused, or given up because the engine waits no longer.
    func submit(_ settlement: Settlement, then answer: @escaping @Sendable (SettleResult) -> Void) {
        let isOpen = state.withLock { state in
            if !state.isClosed { state.gathered.append(Entry(settlement: settlement, answer: answer)) }
            return !state.isClosed
        }
        if isOpen { bell.ring() } else { answer(Self.givenUp) }
    }

    private static let givenUp = SettleResult.refused(.unavailable(reason: "the engine has stopped", mayHaveHappened: false))

    /// Runs until cancelled. What is gathered then is answered as given up: the leases expire and the jobs run again.
    func run() async {
        while !Task.isCancelled {
            let batch = state.withLock { state in
                let batch = Array(state.gathered.prefix(Self.batchMax))
                state.gathered.removeFirst(batch.count)
                return batch
            }
            if batch.isEmpty { await bell.wait() } else { await write(batch) }
        }
        let rest = state.withLock { state in
            state.isClosed = true
            let rest = state.gathered
            state.gathered = []
            return rest
        }
        for entry in rest { entry.answer(Self.givenUp) }
    }

    private func write(_ batch: [Entry]) async {
        var backoff = Backoff()
        while true {
            do throws(StoreError) {
                let results = try await store.settle(batch.map(\.settlement))
                for (entry, result) in zip(batch, results) { entry.answer(result) }
                return
            } catch {
                logger.warning("settling failed, will try again", metadata: ["error": "\(error)", "count": "\(batch.count)"])
                guard error.isTransient, await pause(backoff.failed(environment)) else {
                    for entry in batch { entry.answer(.refused(error)) }
                    return
                }
            }
        }
    }

    /// `false` where the engine stopped meanwhile.
    private func pause(_ delay: Duration) async -> Bool {
        do {
            try await environment.clock.sleep(for: delay)
            return true
        } catch {
            return false
        }
    }
}
