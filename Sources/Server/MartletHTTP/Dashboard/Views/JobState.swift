import MartletCore

/// Where a job stands, in one word, with the name of its colour.
struct JobState {
    let word: String
    let tone: String
    /// When it goes on by itself.
    let note: String?

    init(_ job: JobRecord, _ time: TimeText) {
        switch (job.phase, job.outcome) {
        case (.ready, _) where job.dueAt > time.now:
            word = job.error == nil ? "scheduled" : "retrying"
            tone = "scheduled"
            note = time.relative(job.dueAt)
        case (.running, _) where job.isCancelRequested:
            (word, tone, note) = ("stopping", "stopping", nil)
        case (.finished, let outcome?):
            (word, tone, note) = (outcome.rawValue, outcome.rawValue, nil)
        default:
            (word, tone, note) = (job.phase.rawValue, job.phase.rawValue, nil)
        }
    }

    /// The values of the template `chip`.
    var values: PageValues { ["stateWord": word, "stateClass": tone, "stateNote": note.orFalse] }
}
