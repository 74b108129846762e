import Synchronization

/// One process, so to speak, on a `SeededExecutor`: the tasks that prefer this lane run on the same thread as all the others, and can be
/// frozen together (SIGSTOP, or for good: SIGKILL) and thawed.
public final class ExecutorLane: TaskExecutor {
    public let name: String
    private let executor: SeededExecutor
    private let frozen = Mutex<(isFrozen: Bool, jobs: [UnownedJob])>((false, []))

    init(name: String, executor: SeededExecutor) {
        self.name = name
        self.executor = executor
    }

    public func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        let isParked = frozen.withLock { frozen in
            if frozen.isFrozen { frozen.jobs.append(job) }
            return frozen.isFrozen
        }
        if !isParked { executor.add(job, on: self) }
    }

    public var isFrozen: Bool { frozen.withLock { $0.isFrozen } }

    /// From now on nothing of this lane runs. What is running now goes on to its next suspension.
    public func freeze() {
        frozen.withLock { $0.isFrozen = true }
    }

    /// Lets it go on where it stood. Sleeps that ended meanwhile end now.
    public func thaw() {
        let jobs = frozen.withLock { frozen in
            let jobs = frozen.jobs
            frozen = (false, [])
            return jobs
        }
        for job in jobs { executor.add(job, on: self) }
    }

    /// Runs a job that the executor picked, or parks it where the lane was frozen after the job came.
    func run(_ job: UnownedJob) {
        let isParked = frozen.withLock { frozen in
            if frozen.isFrozen { frozen.jobs.append(job) }
            return frozen.isFrozen
        }
        if !isParked { job.runSynchronously(on: asUnownedTaskExecutor()) }
    }
}
