import MartletCore

/// Something that happens to the system from outside.
enum Action: Sendable {
    case enqueue([Int])
    case signal(JobID)
    case cancel(JobID)
    case revive(JobID)
    /// An event that a topic trigger takes.
    case order(Int)
    case pauseQueue(String, Bool)
    case boot(Int)
    /// SIGKILL; the node comes back after a while.
    case crash(Int, down: Duration)
    /// SIGSTOP, and SIGCONT after a while.
    case pause(Int, Duration)
    case thaw(Int)
    case isolate(Int, Duration)
    case join(Int)
    case stepNodeClock(Int, Duration)
    case stepStoreClock(Duration)
    /// A graceful stop; the node comes back.
    case stop(Int)
    case hasten(Int)
    case expectStopped(Int)

    /// Whether it counts as a fault.
    var isFault: Bool {
        switch self {
        case .crash, .pause, .isolate, .stepNodeClock, .stepStoreClock, .stop: true
        default: false
        }
    }

    struct Timed: Sendable {
        let at: Duration
        let action: Action
    }
}
