import Logging
import Synchronization

/// Writes what running jobs say while they run: output, log lines and progress. Events are written in batches that gather while the last
/// one is under way. The buffer is bounded: a job that says more than the store can write waits (`suspend`); progress is conflated, the
/// last one of a job stands for all before it.
final class EventWriter: Sendable {
    private struct State {
        var events: [NewEvent] = []
        var progress: [JobID: NewEvent] = [:]
        /// Those who wait for room, or for everything before them to be written.
        var waiters: [CheckedContinuation<Void, Never>] = []
        var isWriting = false
        var isClosed = false

        var isIdle: Bool { events.isEmpty && progress.isEmpty && !isWriting }
    }

    static let capacity = 4096
    static let batchMax = 500

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

    /// Adds an event, as soon as there is room.
    func write(_ event: NewEvent) async {
        while !state.withLock({ state in
            guard state.isClosed || state.events.count < Self.capacity else { return false }
            if !state.isClosed { state.events.append(event) }
            return true
        }) {
            await nextChange()
        }
        bell.ring()
    }

    /// Takes the place of an earlier progress of this job that is not written yet.
    func progress(_ event: NewEvent, of job: JobID) {
        state.withLock { state in
            if !state.isClosed { state.progress[job] = event }
        }
        bell.ring()
    }

    /// Returns when everything that was added before is written, or has failed to be.
    func flush() async {
        while !state.withLock({ $0.isIdle || $0.isClosed }) { await nextChange() }
    }

    private func nextChange() async {
        await withCheckedContinuation { continuation in
            let isOver = state.withLock { state in
                if state.isIdle || state.isClosed { return true }
                state.waiters.append(continuation)
                return false
            }
            if isOver { continuation.resume() }
        }
    }

    /// Runs until cancelled.
    func run() async {
        while !Task.isCancelled {
            let batch = state.withLock { state in
                var batch = Array(state.events.prefix(Self.batchMax))
                state.events.removeFirst(batch.count)
                // Progress goes last: whatever a job printed before it comes before it.
                if state.events.isEmpty {
                    batch += state.progress.sorted { $0.key < $1.key }.map(\.value)
                    state.progress = [:]
                }
                state.isWriting = !batch.isEmpty
                return batch
            }
            if batch.isEmpty {
                await bell.wait()
            } else {
                await append(batch)
                wake { $0.isWriting = false }
            }
        }
        wake { $0.isClosed = true }
    }

    private func wake(_ change: (inout State) -> Void) {
        let waiters = state.withLock { state in
            change(&state)
            let waiters = state.waiters
            state.waiters = []
            return waiters
        }
        for waiter in waiters { waiter.resume() }
    }

    private func append(_ batch: [NewEvent]) async {
        var backoff = Backoff()
        while !Task.isCancelled {
            do throws(StoreError) {
                for start in stride(from: 0, to: batch.count, by: Limits.batch) {
                    let part = Array(batch[start..<min(start + Limits.batch, batch.count)])
                    for answer in try await store.append(part) {
                        if case .refused(let error) = answer { logger.debug("an event was refused", metadata: ["error": "\(error)"]) }
                    }
                }
                return
            } catch {
                logger.warning("appending events failed", metadata: ["error": "\(error)", "count": "\(batch.count)"])
                // An append that may have happened is not repeated: a live line less is better than one twice.
                if case .unavailable(_, mayHaveHappened: false) = error {} else { return }
                do { try await environment.clock.sleep(for: backoff.failed(environment)) } catch { return }
            }
        }
    }
}
