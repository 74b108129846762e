/// The end of one attempt, with everything that becomes visible with it.
public struct Settlement: Sendable, Hashable {
    public enum Disposition: Sendable, Hashable {
        case succeeded(result: Payload?)
        /// Ready again after `retryAfter` while attempts are left (`attempt < maxAttempts`), else finished; `nil` finishes at once.
        case failed(Failure, retryAfter: Duration?)
        case cancelled(reason: String?)
        /// Ready again after the delay, the attempt given back: snooze, durable sleep, a limit somewhere else.
        case snoozed(for: Duration)
        /// Ready again at once, the attempt given back: a shutdown.
        case released
        /// Waiting, the attempt given back.
        case waiting(Wait)
    }

    public var lease: Lease
    public var disposition: Disposition
    public var steps: [NewStep]
    public var events: [NewEvent]
    public var children: [NewJob]
    public var progress: Progress?

    public init(
        _ lease: Lease, _ disposition: Disposition, steps: [NewStep] = [], events: [NewEvent] = [], children: [NewJob] = [],
        progress: Progress? = nil
    ) {
        self.lease = lease
        self.disposition = disposition
        self.steps = steps
        self.events = events
        self.children = children
        self.progress = progress
    }
}

public enum SettleResult: Sendable, Hashable {
    case settled(Phase, Outcome?)
    /// This lease has settled before; what it said then stands.
    case alreadySettled(Phase, Outcome?)
    /// Nothing of this settlement happened: `leaseLost`, or something in it that no store accepts.
    case refused(StoreError)
}
