/// The functions of the library, as `library.lua` registers them.
enum FunctionName: String {
    case open, enqueue, claim, renew, record, settle, cancel, revive, append, read, put, fire, policy, pause, take, acquire, release
    case jobs, job, overview, triggers, trigger
    case adopt
    case adoptEvents = "adopt_events"
    case pruneJobs = "prune_jobs"
    case pruneRest = "prune_rest"

    /// Reads alone, from whichever server, even where memory is full.
    var isReading: Bool {
        switch self {
        case .read, .job, .jobs, .overview, .triggers, .trigger: true
        default: false
        }
    }
}
