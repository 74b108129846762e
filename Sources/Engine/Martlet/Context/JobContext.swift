import Logging
import Synchronization

/// What a handler has besides its payload: the job's facts, durable steps, waits, children, events and progress.
///
/// A wait or a sleep ends the attempt by throwing: the handler runs again from its beginning when it is over, and steps that are done answer
/// at once with what they recorded. A handler that swallows that error changes nothing: the context has the last word.
public final class JobContext: Sendable {
    struct State {
        /// Every step stored for this job, by key.
        var steps: [String: Step] = [:]
        /// How often this attempt has asked for each name: the second `step("x")` is `x#2`.
        var uses: [String: Int] = [:]
        /// Set once; from then on every verb throws `JobError.suspended`.
        var suspension: Suspension?
        /// Written with the settlement.
        var emitted: [NewEvent] = []
        var progress: Progress?
        var saidSomething = false
    }

    /// How the attempt goes on after its handler has unwound.
    struct Suspension: Sendable {
        let disposition: Settlement.Disposition
        let steps: [NewStep]
    }

    /// The job as it was claimed.
    public let job: JobRecord
    public let logger: Logger
    public let environment: Environment
    let store: any Store
    let events: EventWriter
    let state: Mutex<State>

    init(_ claimed: ClaimedJob, store: any Store, events: EventWriter, environment: Environment, logger: Logger) {
        job = claimed.job
        self.store = store
        self.events = events
        self.environment = environment
        var logger = logger
        logger[metadataKey: "job"] = "\(claimed.job.id)"
        logger[metadataKey: "kind"] = "\(claimed.job.kind)"
        self.logger = logger
        state = Mutex(State(steps: Dictionary(claimed.steps.map { ($0.name, $0) }, uniquingKeysWith: { first, _ in first })))
    }

    public var id: JobID { job.id }
    /// 1 at the first try.
    public var attempt: Int { job.attempt }
    /// The fencing number of this attempt: hand it to whatever must refuse a late write.
    public var epoch: Int { job.epoch }
    var lease: Lease { Lease(job: job.id, epoch: job.epoch) }

    /// The key of the next use of `name`, and what is stored under it.
    func next(_ name: String) throws(JobError) -> (key: String, stored: Step?) {
        try state.withLock { state throws(JobError) in
            guard state.suspension == nil else { throw .suspended }
            let use = state.uses[name, default: 0] + 1
            state.uses[name] = use
            let key = use == 1 ? name : "\(name)#\(use)"
            return (key, state.steps[key])
        }
    }

    /// Ends the attempt: remembers how it goes on and unwinds the handler.
    func suspend(_ disposition: Settlement.Disposition, steps: [NewStep] = []) -> JobError {
        state.withLock { state in
            if state.suspension == nil { state.suspension = Suspension(disposition: disposition, steps: steps) }
        }
        return .suspended
    }

    /// The end of the attempt: whoever still holds the context gets `JobError.suspended` from now on.
    func close() -> State {
        state.withLock { state in
            let last = state
            if state.suspension == nil { state.suspension = Suspension(disposition: .released, steps: []) }
            return last
        }
    }

    /// Writes a step now and remembers it. Retries while the store is unavailable: the body has run, and its result must not be lost to a hiccup.
    func record(_ step: NewStep) async throws -> Step {
        if let fault = step.fault { throw JobError.permanent("\(fault)") }
        var backoff = Backoff()
        while true {
            do throws(StoreError) {
                let stored = try await store.record([step], under: lease)[0]
                state.withLock { $0.steps[step.name] = stored }
                return stored
            } catch {
                if case .leaseLost = error { throw JobError.leaseLost }
                guard error.isTransient else { throw error }
                logger.warning("recording a step failed, will try again", metadata: ["step": "\(step.name)", "error": "\(error)"])
                try await environment.clock.sleep(for: backoff.failed(environment))
            }
        }
    }
}
