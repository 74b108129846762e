import MartletCore

/// Jobs as rows.
enum JobTable {
    static func make() -> Table {
        Table([
            .text("ID"), .flexible("KIND"), .flexible("QUEUE"), .text("STATE"), .number("TRY"), .flexible("WHEN"), .flexible("WHAT"),
        ])
    }

    static func add(_ job: JobRecord, to table: inout Table, now: Timestamp, _ terminal: Terminal) {
        table.add([
            job.id.description, job.kind, job.queue, state(of: job, now: now), "\(job.attempt)/\(job.maxAttempts)", moment(of: job, now: now),
            note(about: job),
        ])
    }

    /// One word: the outcome of a finished job, else its phase, with what people call a ready job that is not due.
    static func state(of job: JobRecord, now: Timestamp) -> String {
        if let outcome = job.outcome { return outcome.rawValue }
        if job.phase == .ready, job.dueAt > now { return job.attempt > 0 ? "retrying" : "delayed" }
        if job.phase == .running, job.isCancelRequested { return "cancelling" }
        return job.phase.rawValue
    }

    /// When it ended, started, or is due.
    static func moment(of job: JobRecord, now: Timestamp) -> String {
        switch job.phase {
        case .finished: job.finishedAt.map { Wording.relative($0, now: now) } ?? ""
        case .running: job.startedAt.map { "for \(Wording.duration(now - $0))" } ?? ""
        case .ready: job.dueAt > now ? Wording.relative(job.dueAt, now: now) : "due \(Wording.relative(job.dueAt, now: now))"
        case .waiting: job.dueAt == .distantFuture ? "no deadline" : "until \(Wording.relative(job.dueAt, now: now))"
        }
    }

    static func note(about job: JobRecord) -> String {
        if job.phase == .running, let progress = job.progress {
            return "\(Int(progress.fraction * 100)) %" + (progress.message.map { " \($0)" } ?? "")
        }
        if let wait = job.wait { return "waits for \(text(of: wait))" }
        if let error = job.error { return "\(error.kind): \(error.message)" }
        return job.progress?.message ?? ""
    }

    static func text(of wait: Wait) -> String {
        switch wait.condition {
        case .event(let stream, let type, _): "event \(type) in \(stream)"
        case .children(let group): "its \(group)"
        case .turn(let trigger): "its turn of \(trigger)"
        }
    }
}
