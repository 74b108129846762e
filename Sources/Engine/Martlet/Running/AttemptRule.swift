/// What becomes of a job when its handler is back: a pure rule from what happened to a settlement.
struct AttemptRule: Sendable {
    let job: JobRecord
    let policy: RetryPolicy
    let environment: Environment

    /// `nil` where there is nothing to settle: the lease is lost, the job is somebody else's.
    func settlement(of result: AttemptResult, stopped reason: StopReason?, _ context: JobContext.State) -> Settlement? {
        if reason == .leaseLost { return nil }
        if case .threw(JobError.leaseLost) = result { return nil }
        let lease = Lease(job: job.id, epoch: job.epoch)
        if let suspension = context.suspension {
            // The context has the last word: a handler that swallowed the suspension, or turned it into another error, is still suspended.
            return Settlement(
                lease, suspension.disposition, steps: suspension.steps, events: context.emitted, progress: context.progress)
        }
        let disposition = disposition(of: result, stopped: reason)
        // What an attempt emitted becomes visible with its success. An attempt that failed will emit again.
        var events = disposition.isSuccess ? context.emitted : []
        events += lifecycleEvents(disposition, saidSomething: context.saidSomething)
        return Settlement(lease, disposition, events: events, progress: context.progress)
    }

    private func disposition(of result: AttemptResult, stopped reason: StopReason?) -> Settlement.Disposition {
        switch (result, reason) {
        case (.returned(let payload), _): .succeeded(result: payload)
        case (.threw, .shutdown): .released
        case (.threw, .cancelRequested): .cancelled(reason: "cancelled while it ran")
        case (.threw, .timeout): .failed(Failure(kind: "timeout", message: "the attempt ran past its time limit"), retryAfter: delay())
        case (.threw(let error), _): disposition(of: error)
        }
    }

    private func disposition(of error: any Error) -> Settlement.Disposition {
        switch error {
        case JobError.snoozed(let delay): .snoozed(for: delay)
        case JobError.permanent(let message): .failed(Failure(kind: "permanent", message: message), retryAfter: nil)
        case JobError.rateLimited(let delay, let message):
            .failed(Failure(kind: "rate-limited", message: message), retryAfter: self.delay(.rateLimited(after: delay)))
        case JobError.transient(let message): .failed(Failure(kind: "transient", message: message), retryAfter: delay())
        case let error as JobError: .failed(Failure(kind: error.kind, message: "\(error)"), retryAfter: nil)
        case let error as any ClassifiedError: disposition(of: error)
        case let error as StoreError: .failed(Failure(kind: "store", message: "\(error)"), retryAfter: error.isTransient ? delay() : nil)
        // An error of the application's own: its type names it, its description is what the application chose to say of it.
        default: .failed(Failure(kind: "\(type(of: error))", message: "\(error)"), retryAfter: delay())
        }
    }

    private func disposition(of error: any ClassifiedError) -> Settlement.Disposition {
        // The first attempt's jitter: a crowd that was put back until the same instant must not come back in it, and a snooze counts no attempts.
        if case .postponed = error.failureClass, let delay = policy.delay(attempt: 1, error.failureClass, environment) {
            return .snoozed(for: delay)
        }
        return .failed(error.failure, retryAfter: delay(error.failureClass))
    }

    private func delay(_ failure: FailureClass = .transient) -> Duration? {
        policy.delay(attempt: max(1, job.attempt), failure, environment)
    }

    /// A failed attempt is always told in the job's stream: there it stays when the next one succeeds. A success is told where the job has said
    /// anything else, so that its stream has an end; a silent job's end is its row.
    private func lifecycleEvents(_ disposition: Settlement.Disposition, saidSomething: Bool) -> [NewEvent] {
        let stream = StreamName.job(job.id)
        switch disposition {
        case .failed(let failure, let delay):
            let data: JSON = [
                "attempt": .integer(job.attempt), "kind": .string(failure.kind), "message": .string(failure.message),
                "retry_after": job.attempt < job.maxAttempts ? delay.map { .real($0.inSeconds) } ?? .null : .null,
            ]
            return [NewEvent(stream: stream, type: "attempt.failed", data: Payload(data))]
        case .succeeded:
            return saidSomething ? [NewEvent(stream: stream, type: "succeeded", data: Payload(["attempt": .integer(job.attempt)]))] : []
        case .cancelled:
            return [NewEvent(stream: stream, type: "cancelled", data: Payload(["attempt": .integer(job.attempt)]))]
        case .snoozed, .released, .waiting:
            return []
        }
    }
}

extension Settlement.Disposition {
    fileprivate var isSuccess: Bool {
        if case .succeeded = self { true } else { false }
    }
}

extension JobError {
    fileprivate var kind: String {
        switch self {
        case .decoding: "decoding"
        case .encoding: "encoding"
        case .effectUnknown: "effect-unknown"
        case .suspended: "suspended"
        default: "error"
        }
    }
}
