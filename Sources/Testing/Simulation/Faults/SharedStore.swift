import MartletCore
import MartletTesting
import Synchronization

/// The store that all nodes share, and everything that watches it.
final class SharedStore: Sendable {
    let base: any Store
    let clock: VirtualClock
    let trace: Trace
    let auditor: Auditor
    private let lane: ExecutorLane
    private let gate = StoreGate()
    private let weather: Mutex<Noise>

    init(base: any Store, clock: VirtualClock, lane: ExecutorLane, trace: Trace, auditor: Auditor, noise: Noise) {
        self.base = base
        self.clock = clock
        self.lane = lane
        self.trace = trace
        self.auditor = auditor
        weather = Mutex(noise)
    }

    var noise: Noise { weather.withLock { $0 } }

    /// The end of all faults.
    func calm() {
        weather.withLock { $0 = .none }
    }

    /// Runs the effect and shows it to the checks before anything else happens to the store. On a lane of its own: a node that dies
    /// meanwhile has sent its request all the same.
    func perform<Answer: Sendable>(
        _ effect: @Sendable (any Store) async throws(StoreError) -> Answer, _ observe: @Sendable (Answer) -> Observation?
    ) async throws(StoreError) -> Answer {
        try await withTaskExecutorPreference(lane) { () async throws(StoreError) -> Answer in
            await gate.enter()
            defer { gate.leave() }
            let answer = try await effect(base)
            if let observation = observe(answer) {
                auditor.observe(observation)
                if case .claimed(_, let claimed) = observation, !claimed.jobs.isEmpty { auditor.observe(.snapshot(try await everyJob())) }
            }
            return answer
        }
    }

    /// - Returns: every job there is, after the checks have seen them.
    func snapshot() async throws(StoreError) -> [JobRecord] {
        try await withTaskExecutorPreference(lane) { () async throws(StoreError) -> [JobRecord] in
            await gate.enter()
            defer { gate.leave() }
            let jobs = try await everyJob()
            auditor.observe(.snapshot(jobs))
            return jobs
        }
    }

    private func everyJob() async throws(StoreError) -> [JobRecord] {
        var query = JobQuery()
        query.limit = Limits.pageMax
        var jobs: [JobRecord] = []
        while true {
            let page = try await base.jobs(query)
            jobs += page.jobs
            guard let next = page.next else { return jobs }
            query.before = next
        }
    }
}
