import Database
import MartletCore
import Synchronization

/// Says what has changed: to the listeners of this process at once and by name, to other processes a moment later that something has.
///
/// `NOTIFY` is none of the hot path's business, because a transaction that holds one commits alone: the chores send it in a statement of its
/// own, at most one at a time, for everything that has changed since the last.
final class Hints: Sendable {
    /// What has changed and has not been said to other processes.
    private struct Pending {
        var isAny = false
        var isWork = false
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
        ring.yield()
        guard fanout.hasSubscribers else { return }
        var names = Set(jobs.map { StreamName.job($0) })
        names.formUnion(streams)
        fanout.send(Wakeup(work: work, streams: names, isUnspecific: isMore))
    }

    /// What other processes are to be told: whether jobs may have become ready; `nil` where there is nothing.
    func takePending() -> Bool? {
        pending.withLock { pending in
            defer { pending = Pending() }
            return pending.isAny ? pending.isWork : nil
        }
    }

    /// Somebody has looked for work and found too little.
    func looked() { ring.yield() }

    func end() { ring.finish() }
}
