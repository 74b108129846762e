import Synchronization

/// How many jobs of one pool run here, by queue; and the jobs that are claimed and wait for a slot.
final class PoolSlots: Sendable {
    private struct State {
        var running = 0
        var heldByQueue: [String: Int] = [:]
        var prefetched: [Assignment] = []
        var unsettled = 0
        /// Every job from its claim to the answer of its settlement.
        var held: Set<JobID> = []
        /// Smoothed time an attempt takes, in microseconds.
        var attemptTime: Double = 1_000_000
    }

    let capacity: Int
    private let state = Mutex(State())

    init(capacity: Int) {
        self.capacity = capacity
    }

    /// Settlements that may be outstanding before no new work is claimed: a store that cannot keep up is not given more.
    private var unsettledMax: Int { 2 * capacity + 1000 }

    /// How much work may wait here for a slot, in microseconds of it for each slot: about what a round trip to the store takes.
    private static let prefetchTime: Double = 5000
    /// The most jobs that wait here for each slot, however short they are.
    private static let prefetchMax: Double = 6

    /// How many jobs to claim now. Jobs that take a few milliseconds are claimed ahead, so that the slots do not idle for a round trip and a
    /// commit is shared by many; longer ones never are: a prefetched job waits here while another node could run it.
    func room() -> Int {
        state.withLock { state in
            guard state.unsettled < unsettledMax else { return 0 }
            let ahead = min(Self.prefetchMax, Self.prefetchTime / max(1, state.attemptTime))
            let prefetch = ahead < 1 ? 0 : Int(ahead) * capacity
            return max(0, capacity + prefetch - state.running - state.prefetched.count)
        }
    }

    /// How many jobs of each of these queues may be claimed, given that so many may be held here at once.
    func room(in limits: [String: Int]) -> [String: Int] {
        state.withLock { state in
            limits.reduce(into: [:]) { room, limit in
                let held = state.heldByQueue[limit.key, default: 0]
                if limit.value > held { room[limit.key] = limit.value - held }
            }
        }
    }

    /// Takes jobs in: those that get a slot at once are returned, the others wait.
    func admit(_ jobs: [Assignment]) -> ArraySlice<Assignment> {
        state.withLock { state in
            let starting = jobs.prefix(max(0, capacity - state.running))
            state.running += starting.count
            state.prefetched += jobs.dropFirst(starting.count)
            for job in jobs {
                state.heldByQueue[job.job.queue, default: 0] += 1
                state.held.insert(job.job.id)
            }
            return starting
        }
    }

    /// The slot's job is over and about to be settled: hands the slot to the next prefetched job, or gives it back.
    func next(after job: Assignment, took time: Duration) -> Assignment? {
        state.withLock { state in
            state.attemptTime += (Double(time.microseconds) - state.attemptTime) / 16
            leave(job, &state)
            guard state.prefetched.isEmpty else { return state.prefetched.removeFirst() }
            state.running -= 1
            return nil
        }
    }

    /// The jobs that were claimed and never started, for whoever stops the pool. They count as being settled from now on.
    func takePrefetched() -> [Assignment] {
        state.withLock { state in
            let jobs = state.prefetched
            state.prefetched = []
            for job in jobs { leave(job, &state) }
            return jobs
        }
    }

    private func leave(_ job: Assignment, _ state: inout State) {
        let left = state.heldByQueue[job.job.queue, default: 1] - 1
        state.heldByQueue[job.job.queue] = left == 0 ? nil : left
        state.unsettled += 1
    }

    func settled(_ job: JobID) {
        state.withLock { state in
            state.unsettled -= 1
            state.held.remove(job)
        }
    }

    func holds(_ job: JobID) -> Bool { state.withLock { $0.held.contains(job) } }

    var isSettled: Bool { state.withLock { $0.unsettled == 0 && $0.running == 0 && $0.prefetched.isEmpty } }
}
