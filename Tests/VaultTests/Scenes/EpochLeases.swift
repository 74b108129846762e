import MartletCore
import Synchronization
import Vault

/// Leases as they look after a pause: every holder gets the next epoch at once, and holders that are paused past their lease do not learn of it.
final class EpochLeases: LeaseKeeper {
    private struct State {
        var epochs: [String: Int] = [:]
        var waits: [Duration?] = []
        var busy = false
        var watchers: [(count: Int, wake: CheckedContinuation<Void, Never>)] = []
    }

    private let state = Mutex(State())

    /// How long each caller was willing to wait.
    var waits: [Duration?] { state.withLock { $0.waits } }

    /// Returns once leases were asked for so many times.
    func wait(for count: Int) async {
        await withCheckedContinuation { wake in
            let isThere = state.withLock { state in
                if state.waits.count >= count { return true }
                state.watchers.append((count, wake))
                return false
            }
            if isThere { wake.resume() }
        }
    }

    /// From now on somebody else holds every lease, or nobody does.
    func setBusy(_ busy: Bool) { state.withLock { $0.busy = busy } }

    /// Begins counting again, as a store does that was replaced.
    func reset() { state.withLock { $0.epochs = [:] } }

    func withLease<Value: Sendable>(
        _ name: String, for ttl: Duration, waiting limit: Duration?, _ body: @escaping @Sendable (HeldLease) async throws -> Value
    ) async throws -> Value {
        // There is no other process that would sweep.
        guard name != Connections.sweepLease else { return try await body(HeldLease(name: name, epoch: 1, owner: "test")) }
        let (epoch, watchers) = state.withLock { state -> (Int?, [CheckedContinuation<Void, Never>]) in
            state.waits.append(limit)
            let count = state.waits.count
            let satisfied = state.watchers.filter { $0.count <= count }.map(\.wake)
            state.watchers.removeAll { $0.count <= count }
            guard !state.busy else { return (nil, satisfied) }
            state.epochs[name, default: 0] += 1
            return (state.epochs[name], satisfied)
        }
        for watcher in watchers { watcher.resume() }
        guard let epoch else { throw LeaseError.busy(name: name, heldBy: "another process") }
        return try await body(HeldLease(name: name, epoch: epoch, owner: "test"))
    }
}
