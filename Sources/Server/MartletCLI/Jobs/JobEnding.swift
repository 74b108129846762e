import MartletCore

/// How a finished job ended, in a line.
enum JobEnding {
    static func text(of job: JobRecord) -> String {
        var text = "\(job.id) \(job.outcome?.rawValue ?? job.phase.rawValue)"
        if let started = job.startedAt, let finished = job.finishedAt { text += " after \(Wording.duration(finished - started))" }
        if job.attempt > 1 { text += " in \(job.attempt) attempts" }
        if job.outcome != .succeeded, let error = job.error { text += ": \(error.kind): \(error.message)" }
        if let result = job.result { text += ", result \(result.text)" }
        return TextWidth.harmless(text)
    }
}
