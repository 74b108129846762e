/// A named result inside a job, computed at most once and reused by every later attempt (invariant 4).
public struct Step: Sendable, Hashable {
    public enum State: String, Sendable, Hashable {
        /// The effect was about to be tried; whether it happened is not known. Can become `done`.
        case intended
        /// Final.
        case done
    }

    public var name: String
    public var state: State
    public var result: Payload
    public var recordedAt: Timestamp

    public init(name: String, state: State, result: Payload, recordedAt: Timestamp) {
        self.name = name
        self.state = state
        self.result = result
        self.recordedAt = recordedAt
    }
}

/// A step to be written under a lease.
public struct NewStep: Sendable, Hashable {
    public var name: String
    public var state: Step.State
    public var result: Payload

    public init(name: String, state: Step.State = .done, result: Payload) {
        self.name = name
        self.state = state
        self.result = result
    }

    /// What is wrong with this step by itself.
    public var fault: StoreError? {
        guard !name.isEmpty else { return .invalid(field: "step", reason: "must not be empty") }
        if let reason = NewJob.nameFault(name) { return .invalid(field: "step", reason: reason) }
        guard result.utf8.count <= Limits.payloadBytes else { return .tooLarge(field: "step result", bytesMax: Limits.payloadBytes) }
        return nil
    }
}
