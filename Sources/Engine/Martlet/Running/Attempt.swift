/// One attempt at one job, from the claimed row to the settlement.
struct Attempt: Sendable {
    let assignment: Assignment
    let engine: Engine
    let work: EngineWork
    let running: RunningAttempt
    private let handler: Handler?

    init(assignment: Assignment, engine: Engine, work: EngineWork) {
        self.assignment = assignment
        self.engine = engine
        self.work = work
        handler = engine.handlers[assignment.job.kind]
        let limit = assignment.job.timeout ?? handler?.options.timeout ?? engine.configuration.timeout
        running = RunningAttempt(
            lease: assignment.claimed.lease, generation: assignment.generation, deadline: engine.environment.clock.uptime() + limit)
    }

    /// `nil` where the lease was lost: there is nothing to settle.
    func run() async -> Settlement? {
        let job = assignment.job
        // Prefetched jobs can outlive their lease, or meet a stop, before they begin.
        guard work.liveness.isCurrent(generation: assignment.generation) else { return nil }
        guard let handler else { return Settlement(assignment.claimed.lease, .released) }
        work.table.begin(running)
        // Begun first, asked then: whoever stops all attempts has either seen this one or is seen here.
        guard engine.stopControl.moment < .cancelled else { return Settlement(assignment.claimed.lease, .released) }
        work.metrics.started(job)
        let context = JobContext(
            assignment.claimed, store: engine.store, events: work.events, environment: engine.environment, logger: engine.logger)
        let result = await running.run { () async -> AttemptResult in
            do {
                return .returned(try await handler.body(job.payload, context))
            } catch {
                return .threw(error)
            }
        }
        let state = context.close()
        if state.saidSomething { await work.events.flush() }
        let rule = AttemptRule(job: job, policy: handler.options.retry ?? engine.configuration.retry, environment: engine.environment)
        return rule.settlement(of: result, stopped: running.reason ?? (Task.isCancelled ? .shutdown : nil), state)
    }
}
