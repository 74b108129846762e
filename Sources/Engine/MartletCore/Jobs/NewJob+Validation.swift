extension NewJob {
    /// Everything that is wrong with this job by itself; every store refuses a job for which this is not `nil`.
    public var fault: StoreError? {
        for (field, name) in [("kind", kind), ("queue", queue)] {
            guard !name.isEmpty else { return .invalid(field: field, reason: "must not be empty") }
        }
        for (field, name) in [("kind", kind), ("queue", queue), ("tenant", tenant), ("trigger", trigger ?? "")] {
            if let reason = Self.nameFault(name) { return .invalid(field: field, reason: reason) }
        }
        guard payload.utf8.count <= Limits.payloadBytes else { return .tooLarge(field: "payload", bytesMax: Limits.payloadBytes) }
        guard (1...Limits.attempts).contains(maxAttempts) else {
            return .invalid(field: "max_attempts", reason: "must be from 1 to \(Limits.attempts)")
        }
        return timeFault ?? keyFault ?? labelFault ?? historyFault
    }

    private var historyFault: StoreError? {
        guard let history else { return nil }
        if case .turn(let name) = history.wait?.condition, name != trigger {
            return .invalid(field: "wait", reason: "for a turn must be for one of the job's own trigger")
        }
        return history.fault
    }

    package static func nameFault(_ name: String) -> String? {
        guard name.utf8.count <= Limits.nameBytes else { return "must not be longer than \(Limits.nameBytes) bytes" }
        guard !name.utf8.contains(where: { $0 < 0x20 || $0 == 0x7F }) else { return "must not hold control characters" }
        return nil
    }

    private var timeFault: StoreError? {
        if case .after(let delay) = due {
            guard delay >= .zero else { return .invalid(field: "delay", reason: "must not be negative") }
            guard delay <= Limits.delay else { return .invalid(field: "delay", reason: "must not be longer than ten years") }
        }
        for (field, span) in [("timeout", timeout), ("queue_timeout", queueTimeout)] {
            guard let span else { continue }
            guard span > .zero else { return .invalid(field: field, reason: "must be longer than zero") }
            guard span <= Limits.delay else { return .invalid(field: field, reason: "must not be longer than ten years") }
        }
        return nil
    }

    private var keyFault: StoreError? {
        guard let key else { return nil }
        guard !key.name.isEmpty else { return .invalid(field: "key", reason: "must not be empty") }
        guard key.name.utf8.count <= Limits.keyBytes else { return .tooLarge(field: "key", bytesMax: Limits.keyBytes) }
        // A window that has ended elsewhere is of no length here.
        let shortest: Duration = history == nil ? .microseconds(1) : .zero
        if case .window(let span) = key.scope, span < shortest || span > Limits.delay {
            return .invalid(field: "key_scope", reason: "a window must be longer than zero and at most ten years")
        }
        return nil
    }

    private var labelFault: StoreError? {
        guard labels.count <= Limits.labels else { return .invalid(field: "labels", reason: "must not be more than \(Limits.labels)") }
        for (name, value) in labels {
            guard !name.isEmpty else { return .invalid(field: "labels", reason: "a name must not be empty") }
            if let reason = Self.nameFault(name) ?? Self.nameFault(value) { return .invalid(field: "labels", reason: reason) }
        }
        if let parent, let reason = Self.nameFault(parent.group) { return .invalid(field: "group", reason: reason) }
        return nil
    }
}
