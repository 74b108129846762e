import MartletCore

/// Reads what a request says of a new job.
struct JobReader: Sendable {
    let environment: MartletCore.Environment
    let defaults: [String: KindDefaults]

    static let fields = [
        "kind", "payload", "id", "queue", "tenant", "priority", "key", "key_scope", "on_conflict", "delay", "due_at", "timeout", "queue_timeout",
        "max_attempts", "labels",
    ]
    static let templateFields = ["kind", "payload", "queue", "tenant", "priority", "timeout", "max_attempts", "labels"]

    /// - Throws: for what no job can have. The bounds of `Limits` are the store's to check.
    func job(_ json: JSON) throws(Problem) -> NewJob {
        let fields = try FieldReader(json, allowed: Self.fields)
        let kind = try fields.requiredString("kind")
        guard let payload = fields.json("payload") else { throw fields.missing("payload") }
        let defaults = defaults[kind] ?? KindDefaults()
        var job = NewJob(id: try fields.id("id") ?? environment.makeJobID(), kind: kind, payload: Payload(payload))
        job.queue = try fields.string("queue") ?? defaults.queue ?? job.queue
        job.tenant = try fields.string("tenant") ?? job.tenant
        job.priority = try priority(fields) ?? defaults.priority ?? job.priority
        job.key = try key(fields)
        job.due = try due(fields)
        job.timeout = try fields.duration("timeout") ?? defaults.timeout
        job.queueTimeout = try fields.duration("queue_timeout")
        job.maxAttempts = try fields.integer("max_attempts", in: 1...Limits.attempts) ?? defaults.maxAttempts ?? job.maxAttempts
        job.labels = try fields.texts("labels") ?? [:]
        return job
    }

    /// The job of a trigger.
    func template(_ json: JSON) throws(Problem) -> JobTemplate {
        let fields = try FieldReader(json, allowed: Self.templateFields, at: "job.")
        let kind = try fields.requiredString("kind")
        let defaults = defaults[kind] ?? KindDefaults()
        var job = JobTemplate(kind: kind)
        if let payload = fields.json("payload") { job.payload = Payload(payload) }
        job.queue = try fields.string("queue") ?? defaults.queue ?? job.queue
        job.tenant = try fields.string("tenant") ?? job.tenant
        job.priority = try priority(fields) ?? defaults.priority ?? job.priority
        job.timeout = try fields.duration("timeout") ?? defaults.timeout
        job.maxAttempts = try fields.integer("max_attempts", in: 1...Limits.attempts) ?? defaults.maxAttempts ?? job.maxAttempts
        job.labels = try fields.texts("labels") ?? [:]
        return job
    }

    private func priority(_ fields: FieldReader) throws(Problem) -> Priority? {
        try fields.integer("priority", in: 0...3).flatMap { Priority($0) }
    }

    private func due(_ fields: FieldReader) throws(Problem) -> NewJob.Due {
        let delay = try fields.duration("delay")
        guard let time = try fields.time("due_at") else { return .after(delay ?? .zero) }
        guard delay == nil else { throw .invalid(fields.path("due_at"), "cannot stand beside delay: give one of them") }
        return .at(time)
    }

    private func key(_ fields: FieldReader) throws(Problem) -> IdempotencyKey? {
        let conflict = try fields.word("on_conflict", ConflictWord.self)
        let scope = try scope(fields)
        guard let name = try fields.string("key") else {
            if conflict != nil { throw .invalid(fields.path("on_conflict"), "needs a key") }
            if scope != nil { throw .invalid(fields.path("key_scope"), "needs a key") }
            return nil
        }
        return IdempotencyKey(name, scope: scope ?? .untilFinished, conflict: conflict?.core ?? .returnExisting)
    }

    private func scope(_ fields: FieldReader) throws(Problem) -> IdempotencyKey.Scope? {
        guard let json = fields.value("key_scope") else { return nil }
        switch json {
        case "until_finished": return .untilFinished
        case "forever": return .forever
        case .object:
            let inner = try FieldReader(json, allowed: ["window"], at: fields.path("key_scope") + ".")
            guard let window = try inner.duration("window") else { throw inner.missing("window") }
            return .window(window)
        default:
            throw .invalid(fields.path("key_scope"), "must be \"until_finished\", \"forever\" or {\"window\": seconds}")
        }
    }
}
