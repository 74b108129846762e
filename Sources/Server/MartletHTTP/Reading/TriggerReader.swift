import MartletCore

/// Reads the body of `PUT /v1/triggers/{name}`.
struct TriggerReader: Sendable {
    let jobs: JobReader

    static let fields = ["cron", "zone", "every", "offset", "topic", "filter", "overlap", "missed", "jitter", "paused", "job"]

    func trigger(_ json: JSON) throws(Problem) -> Trigger {
        let fields = try FieldReader(json, allowed: Self.fields)
        guard let template = fields.value("job") else { throw fields.missing("job") }
        var trigger = Trigger(try schedule(fields), job: try jobs.template(template))
        trigger.overlap = try fields.word("overlap", Trigger.Overlap.self) ?? trigger.overlap
        trigger.missed = try fields.word("missed", Trigger.Missed.self) ?? trigger.missed
        trigger.jitter = try fields.duration("jitter") ?? .zero
        trigger.isPaused = try fields.boolean("paused") ?? false
        if let fault = trigger.fault { throw Problem(fault) }
        return trigger
    }

    private func schedule(_ fields: FieldReader) throws(Problem) -> Trigger.Schedule {
        let given = ["cron", "every", "topic"].filter { fields.value($0) != nil }
        guard given.count == 1 else { throw .invalid("cron", "or every or topic must be given, exactly one of them") }
        try refuse(["zone"], in: fields, unless: "cron", given[0])
        try refuse(["offset"], in: fields, unless: "every", given[0])
        try refuse(["filter"], in: fields, unless: "topic", given[0])
        switch given[0] {
        case "cron":
            let (text, zone) = (try fields.requiredString("cron"), try fields.string("zone") ?? "UTC")
            do throws(CronError) {
                return .cron(try CronExpression(text), zone: zone)
            } catch {
                throw .invalid("cron", "is refused: \(error)")
            }
        case "every": return .every(try fields.duration("every") ?? .zero, offset: try fields.duration("offset") ?? .zero)
        default: return .topic(stream: try fields.requiredString("topic"), filter: try filter(fields))
        }
    }

    private func refuse(_ names: [String], in fields: FieldReader, unless owner: String, _ given: String) throws(Problem) {
        for name in names where owner != given && fields.value(name) != nil { throw .invalid(name, "needs \(owner)") }
    }

    private func filter(_ fields: FieldReader) throws(Problem) -> EventFilter {
        guard let json = fields.value("filter") else { return EventFilter() }
        let inner = try FieldReader(json, allowed: ["type", "fields"], at: "filter.")
        var wanted: [String: JSON] = [:]
        if let json = inner.value("fields") {
            guard case .object(let members) = json else { throw .invalid("filter.fields", "must be an object of paths and values") }
            for member in members { wanted[member.name] = member.value }
        }
        return EventFilter(type: try inner.string("type"), fields: wanted)
    }
}
