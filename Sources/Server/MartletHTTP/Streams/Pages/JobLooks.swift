import MartletCore
import Synchronization

/// Looks at jobs for many readers: a busy job with thousands of readers is looked at once in `pause`, not once by each.
final class JobLooks: Sendable {
    struct Look: Sendable {
        /// `nil` where retention has removed it.
        let job: JobRecord?
        /// When the look began. What has changed since then is not in it.
        let at: Duration
    }

    static let pause: Duration = .milliseconds(100)
    private static let keptMax = 4096

    private let store: any Store
    private let clock: any EngineClock
    private let shared = SharedReads<JobID, Look>()
    private let kept = Mutex<[JobID: Look]>([:])

    init(store: any Store, clock: any EngineClock) {
        self.store = store
        self.clock = clock
    }

    /// The job as it was at most `pause` ago.
    func look(at id: JobID) async throws(StoreError) -> Look {
        let now = clock.uptime()
        if let look = kept.withLock({ $0[id] }), now - look.at < Self.pause { return look }
        return try await shared.read(id) { () async throws(StoreError) -> Look in
            let look = Look(job: try await store.job(id)?.job, at: now)
            kept.withLock { kept in
                if kept.count >= Self.keptMax { kept = kept.filter { now - $0.value.at < Self.pause } }
                if kept.count < Self.keptMax { kept[id] = look }
            }
            return look
        }
    }
}
