import MartletCore

/// What a copy came to.
package struct CopyReport: Sendable, Hashable {
    /// Jobs of the source that the target has as they are, by queue and phase; of a rehearsal, those it does not have yet.
    package var queues: [String: Counts] = [:]
    /// Jobs taken in by this run.
    package var copied = 0
    /// Events written by this run.
    package var events = 0
    package var passes = 0
    package var triggers: [String] = []
    /// Whether the target was set to work by this run.
    package var isStarted = false
    /// Whether the target has been at work since an earlier run: then this one only brought what came late.
    package var wasLive = false
    /// Streams that the target has of its own, so that they were left alone.
    package var divergedStreams: [String] = []
    /// What was served at the source before: what is to be served at the target.
    package var heldQueues: [String] = []
    package var heldTriggers: [String] = []

    package var jobs: Int { queues.values.reduce(0) { $0 + $1.total } }
}

/// How far a copy is.
package struct CopyProgress: Sendable, Hashable {
    package enum Stage: Sendable, Hashable {
        case waitingForRunning(Int)
        case walking(pass: Int)
    }

    package var stage: Stage
    /// Jobs looked at in this pass, and jobs there are, about.
    package var done: Int
    package var total: Int
    package var copied: Int
}
