import MartletCore

extension JSONWriter {
    /// A job as the API shows it, with its braces.
    mutating func job(_ job: JobRecord) {
        beginObject()
        jobMembers(job)
        endObject()
    }

    /// The members of a job.
    /// - Parameter hasPayload: `false` leaves `payload` out, where the reader has it already.
    mutating func jobMembers(_ job: JobRecord, hasPayload: Bool = true) {
        member("id", job.id)
        member("kind", job.kind)
        member("queue", job.queue)
        member("tenant", job.tenant)
        member("priority", job.priority.level)
        member("phase", job.phase.rawValue)
        member("outcome", job.outcome?.rawValue)
        if hasPayload { member("payload", job.payload) }
        member("key", job.key)
        dictionary("labels", job.labels)
        member("attempt", job.attempt)
        member("max_attempts", job.maxAttempts)
        // A job that waits without a deadline is due at no time.
        member("due_at", job.dueAt == .distantFuture ? nil : job.dueAt)
        member("created_at", job.createdAt)
        member("started_at", job.startedAt)
        member("finished_at", job.finishedAt)
        member("epoch", job.epoch)
        member("node", job.node?.name)
        progress(job.progress)
        member("result", job.result)
        failure(job.error)
        member("timeout", job.timeout)
        member("queue_timeout", job.queueTimeout)
        member("trigger", job.trigger)
        parent(job.parent)
        member("cancel_requested", job.isCancelRequested)
        wait(job.wait)
    }

    private mutating func progress(_ progress: Progress?) {
        name("progress")
        guard let progress else { return null() }
        beginObject()
        name("fraction")
        value(JSON.real(progress.fraction))
        member("message", progress.message)
        endObject()
    }

    private mutating func failure(_ failure: Failure?) {
        name("error")
        guard let failure else { return null() }
        beginObject()
        member("kind", failure.kind)
        member("message", failure.message)
        endObject()
    }

    private mutating func parent(_ parent: NewJob.Parent?) {
        name("parent")
        guard let parent else { return null() }
        beginObject()
        member("job", parent.job)
        member("group", parent.group)
        endObject()
    }

    private mutating func wait(_ wait: Wait?) {
        name("waiting_for")
        guard let wait else { return null() }
        beginObject()
        switch wait.condition {
        case .event(let stream, let type, let after):
            member("event", type)
            member("stream", stream)
            member("after", after)
        case .children(let group): member("children", group)
        case .turn(let trigger): member("turn", trigger)
        }
        endObject()
    }

    mutating func step(_ step: Step) {
        beginObject()
        member("name", step.name)
        member("state", step.state.rawValue)
        member("result", step.result)
        member("recorded_at", step.recordedAt)
        endObject()
    }

    /// - Parameter skipped: how many events directly before this one a reader is spared; said where there are any.
    mutating func event(_ event: Event, skipped: Int = 0) {
        beginObject()
        member("stream", event.stream)
        member("seq", event.sequence)
        member("at", event.at)
        member("type", event.type)
        member("data", event.data)
        if skipped > 0 { member("skipped", skipped) }
        endObject()
    }
}
