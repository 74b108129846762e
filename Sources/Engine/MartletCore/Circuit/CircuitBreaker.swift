/// Stops calling what keeps failing, so that it can recover and callers fail fast (Michael Nygard, "Release It!", chapter "Stability Patterns").
///
/// Closed, it lets calls through and looks at the last `window` outcomes; at `failureRate` it opens. Open, it refuses for `openFor`. Then,
/// half open, it lets `probes` calls through: if all succeed it closes, with a clean memory; the first that fails opens it again.
///
/// A pure value. Times are `EngineClock.uptime()`, which never jumps.
public struct CircuitBreaker: Sendable, Hashable {
    public struct Policy: Sendable, Hashable {
        /// Outcomes looked back on: 1…64.
        public var window = 20
        /// With fewer outcomes than this a rate means nothing: 1…`window`.
        public var callsMin = 10
        /// The share of failures that opens it: above 0, up to 1.
        public var failureRate = 0.5
        public var openFor: Duration = .seconds(30)
        /// Trial calls let through when half open: at least 1.
        public var probes = 3

        public init() {}
    }

    public enum State: Sendable, Hashable {
        case closed
        case open(until: Duration)
        case halfOpen(since: Duration, admitted: Int, succeeded: Int)
    }

    /// Leave for one call, to be handed back with its outcome.
    public struct Permit: Sendable, Hashable {
        fileprivate let generation: Int
    }

    public enum Answer: Sendable, Hashable {
        case permitted(Permit)
        /// Not before this has passed.
        case refused(for: Duration)
    }

    public private(set) var state = State.closed
    private let policy: Policy
    /// The last outcomes, the newest in bit 0; 1 is a failure.
    private var outcomes: UInt64 = 0
    private var count = 0
    /// Grows with each change of state: an outcome that was permitted in an earlier one says nothing about this one.
    private var generation = 0

    public init(_ policy: Policy = Policy()) {
        precondition((1...64).contains(policy.window) && (1...policy.window).contains(policy.callsMin), "the window holds 1 to 64 outcomes")
        precondition(policy.failureRate > 0 && policy.failureRate <= 1 && policy.probes >= 1, "a rate from above 0 to 1, and at least one probe")
        self.policy = policy
    }

    /// Asks leave for one call.
    public mutating func admit(at uptime: Duration) -> Answer {
        if case .open(let until) = state {
            guard uptime >= until else { return .refused(for: until - uptime) }
            change(to: .halfOpen(since: uptime, admitted: 0, succeeded: 0))
        }
        guard case .halfOpen(let since, let admitted, let succeeded) = state else { return .permitted(Permit(generation: generation)) }
        if admitted < policy.probes {
            state = .halfOpen(since: since, admitted: admitted + 1, succeeded: succeeded)
            return .permitted(Permit(generation: generation))
        }
        // Probes that never came back (their callers were cancelled) must not keep it half open for ever.
        guard uptime >= since + policy.openFor else { return .refused(for: since + policy.openFor - uptime) }
        change(to: .halfOpen(since: uptime, admitted: 1, succeeded: 0))
        return .permitted(Permit(generation: generation))
    }

    /// Takes note of how a permitted call went.
    public mutating func record(_ permit: Permit, succeeded: Bool, at uptime: Duration) {
        guard permit.generation == generation else { return }
        switch state {
        case .open: return
        case .halfOpen(let since, let admitted, let earlier):
            guard succeeded else { return change(to: .open(until: uptime + policy.openFor)) }
            guard earlier + 1 < policy.probes else { return change(to: .closed) }
            state = .halfOpen(since: since, admitted: admitted, succeeded: earlier + 1)
        case .closed:
            outcomes = outcomes << 1 | (succeeded ? 0 : 1)
            if policy.window < 64 { outcomes &= (1 << UInt64(policy.window)) - 1 }
            count = min(count + 1, policy.window)
            guard count >= policy.callsMin, Double(outcomes.nonzeroBitCount) >= policy.failureRate * Double(count) else { return }
            change(to: .open(until: uptime + policy.openFor))
        }
    }

    private mutating func change(to next: State) {
        state = next
        generation += 1
        outcomes = 0
        count = 0
    }
}
