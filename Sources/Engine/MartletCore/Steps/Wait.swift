/// What a waiting job waits for. When it comes, or the deadline passes, the store writes `step` with a `WaitResult` and makes the job
/// ready, in one transaction: what ended the wait is recorded once and is there on every later attempt.
public struct Wait: Sendable, Hashable {
    public enum Condition: Sendable, Hashable {
        /// The first event of `type` in `stream` with a sequence number above `after`; one that is there already counts.
        case event(stream: String, type: String, after: Int)
        /// No job of the group is left unfinished.
        case children(group: String)
        /// No earlier unfinished job of the same trigger is left (overlap policy `queue`).
        case turn(trigger: String)
    }

    public var condition: Condition
    /// The step that receives the result; `nil` for `turn`, which a handler never sees.
    public var step: String?
    /// Counted from the settlement; `nil` waits for ever.
    public var deadline: Duration?

    public init(_ condition: Condition, step: String?, deadline: Duration? = nil) {
        self.condition = condition
        self.step = step
        self.deadline = deadline
    }
}

/// What ended a wait: the recorded result of its step.
public enum WaitResult: Sendable, Hashable {
    case event(Event)
    case children(succeeded: Int, failed: Int, cancelled: Int)
    case deadline

    /// `{"event":{"stream","seq","at","type","data"}}`, `{"children":{"succeeded","failed","cancelled"}}` or `{"deadline":true}`.
    public var payload: Payload {
        switch self {
        case .event(let event): Payload(["event": event.json])
        case .children(let succeeded, let failed, let cancelled):
            Payload(["children": ["succeeded": .integer(succeeded), "failed": .integer(failed), "cancelled": .integer(cancelled)]])
        case .deadline: Payload(["deadline": true])
        }
    }

    /// `nil` where the payload is not one that `payload` wrote.
    public init?(_ payload: Payload) {
        let json = payload.json
        if let event = json["event"].flatMap(Event.init(json:)) {
            self = .event(event)
        } else if let counts = json["children"], let succeeded = counts["succeeded"]?.integerValue,
            let failed = counts["failed"]?.integerValue, let cancelled = counts["cancelled"]?.integerValue
        {
            self = .children(succeeded: succeeded, failed: failed, cancelled: cancelled)
        } else if json["deadline"]?.boolValue == true {
            self = .deadline
        } else {
            return nil
        }
    }
}
