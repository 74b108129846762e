import MartletCore

/// What a job does.
enum Recipe: Sendable, Hashable {
    case noop
    case steps(Int, failures: Int)
    case sleeper(Duration)
    case waiter(within: Duration)
    case parent(children: Int, failing: Int)
    case flaky(failures: Int)
    case permanent
    case poison
    case slow(Duration)
    case snoozer(Int)
    case effect(canTell: Bool)
    case talker(Int)
    case overtime
    /// Takes no notice of its cancellation for a while.
    case stubborn
    /// Catches what unwinds it.
    case swallower
    case unknown
    /// Made by triggers.
    case tick

    var kind: String {
        switch self {
        case .noop: "noop"
        case .steps: "steps"
        case .sleeper: "sleeper"
        case .waiter: "waiter"
        case .parent: "parent"
        case .flaky: "flaky"
        case .permanent: "permanent"
        case .poison: "poison"
        case .slow: "slow"
        case .snoozer: "snoozer"
        case .effect: "effect"
        case .talker: "talker"
        case .overtime: "overtime"
        case .stubborn: "stubborn"
        case .swallower: "swallower"
        case .unknown: "unknown"
        case .tick: "tick"
        }
    }

    /// Whether a job of this recipe can end so, when nobody cancels it and it kills nobody.
    func mayEnd(_ outcome: Outcome?, _ error: Failure?) -> Bool {
        switch self {
        case .permanent: outcome == .failed && error?.kind == "permanent"
        case .overtime: outcome == .failed && error?.kind == "timeout"
        case .poison: outcome == .failed && error?.kind == "crashed"
        case .effect(canTell: false): outcome == .succeeded || error?.kind == "effect-unknown"
        case .tick: outcome == .succeeded || outcome == .cancelled
        default: outcome == .succeeded
        }
    }
}
