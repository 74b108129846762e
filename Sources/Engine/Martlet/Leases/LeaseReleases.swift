import Logging
import Synchronization

/// Gives named leases back. A loop of the engine's and not of the holder's, so that a holder that is cancelled gives back as well as one that
/// is done.
final class LeaseReleases: Sendable {
    private struct State {
        var isRunning = false
        var gathered: [HeldLease] = []
    }

    private let store: any Store
    private let logger: Logger
    private let state = Mutex(State())
    private let bell = Doorbell()

    init(store: any Store, logger: Logger) {
        self.store = store
        self.logger = logger
    }

    /// At once where the loop does not run: then in the caller's task, whose cancellation may keep the store from hearing of it.
    func give(back lease: HeldLease) async {
        let isQueued = state.withLock { state in
            if state.isRunning { state.gathered.append(lease) }
            return state.isRunning
        }
        if isQueued { bell.ring() } else { await release(lease) }
    }

    /// Runs until cancelled, and then once more.
    func run() async {
        state.withLock { $0.isRunning = true }
        while !Task.isCancelled {
            let leases = take(stopping: false)
            for lease in leases { await release(lease) }
            if leases.isEmpty { await bell.wait() }
        }
        for lease in take(stopping: true) { await release(lease) }
    }

    private func take(stopping: Bool) -> [HeldLease] {
        state.withLock { state in
            defer { state.gathered = [] }
            if stopping { state.isRunning = false }
            return state.gathered
        }
    }

    private func release(_ lease: HeldLease) async {
        do throws(StoreError) {
            _ = try await store.release(lease.name, epoch: lease.epoch)
        } catch {
            logger.notice("a lease could not be given back; it expires", metadata: ["lease": "\(lease.name)", "error": "\(error)"])
        }
    }
}
