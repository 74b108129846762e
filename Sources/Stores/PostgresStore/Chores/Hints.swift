import Database
import MartletCore
import Synchronization

/// Says what has changed: to the listeners of this process at once and by name, to other processes a moment later that something has.
///
/// `NOTIFY` is none of the hot path's business, because a transaction that holds one commits alone: the chores send it in a statement of its
/// own, at most one at a time, for everything that has changed since the last.
final class Hints: Sendable {
    /// What has changed and has not been said to other processes.
    struct Pending: Sendable {
        fileprivate var isAny = false
        /// Jobs may have become ready.
        var isWork = false
        /// When the first of those is due.
        var first: Timestamp?
    }

    let fanout = WakeupFanout()
    /// Rings when there is something to do besides.
    let bell: AsyncStream<Void>
    private let ring: AsyncStream<Void>.Continuation
    private let pending = Mutex(Pending())

    init() {
        (bell, ring) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// - Parameters:
    ///   - work: jobs may have become ready.
    ///   - isMore: more has changed than is named.
    func changed(
        work: Bool, jobs: some Sequence<JobID> = EmptyCollection<JobID>(), streams: some Sequence<String> = EmptyCollection<String>(),
        isMore: Bool = false
    ) {
        pending.withLock { pending in
            pending.isAny = true
            pending.isWork = pending.isWork || work
        }
        // This process first: whoever waits here for a job does not wait for the word to the others as well.
        defer { ring.yield() }
        guard fanout.hasSubscribers else { return }
        var names = Set(jobs.map { StreamName.job($0) })
        names.formUnion(streams)
        fanout.send(Wakeup(work: work, streams: names, isUnspecific: isMore))
    }

    /// Jobs have come into being that are due then: said together with what has changed.
    func lower(to due: Timestamp) {
        pending.withLock { $0.first = min($0.first ?? due, due) }
    }

    /// What other processes are to be told; `nil` where there is nothing.
    func takePending() -> Pending? {
        pending.withLock { pending in
            guard pending.isAny else { return nil }
            defer { pending = Pending() }
            return pending
        }
    }

    /// Somebody has looked for work and found too little.
    func looked() { ring.yield() }

    func end() { ring.finish() }
}
