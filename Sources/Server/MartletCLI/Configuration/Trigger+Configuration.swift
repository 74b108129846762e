import MartletCore
import MartletHTTP

extension Trigger {
    static let known = [
        "cron", "zone", "every", "offset", "topic", "filter", "overlap", "missed", "jitter", "paused", "job",
    ]
    static let knownOfJob = ["kind", "payload", "queue", "tenant", "priority", "timeout", "max_attempts", "labels"]

    /// A member of `triggers:`; `nil` where it is faulty.
    /// - Parameter defaults: what the configuration says about the jobs of a kind.
    init?(_ section: ConfigurationSection, defaults: (String) -> KindDefaults) {
        let template = section.section("job", known: Self.knownOfJob).jobTemplate(defaults: defaults)
        guard let schedule = section.schedule(), let template else { return nil }
        self.init(schedule, job: template)
        if let overlap = section.choice("overlap", Overlap.self) { self.overlap = overlap }
        if let missed = section.choice("missed", Missed.self) { self.missed = missed }
        if let jitter = section.duration("jitter") { self.jitter = jitter }
        if let isPaused = section.flag("paused") { self.isPaused = isPaused }
        section.report(fault)
    }
}

extension ConfigurationSection {
    fileprivate func schedule() -> Trigger.Schedule? {
        let given = ["cron", "every", "topic"].filter(has)
        guard given.count == 1 else {
            fail("", given.isEmpty ? "needs one of cron, every, topic" : "must have only one of \(given.joined(separator: ", "))")
            return nil
        }
        for (owner, keys) in [("cron", ["zone"]), ("every", ["offset"]), ("topic", ["filter"])] where !has(owner) {
            for key in keys where has(key) { fail(key, "goes with '\(owner)' only") }
        }
        switch given[0] {
        case "cron":
            guard let text = text("cron") else { return nil }
            do throws(CronError) {
                return .cron(try CronExpression(text), zone: self.text("zone") ?? "UTC")
            } catch {
                fail("cron", "is no cron expression: \(error)")
                return nil
            }
        case "every":
            return duration("every").map { .every($0, offset: duration("offset") ?? .zero) }
        default:
            guard let stream = text("topic") else { return nil }
            let section = section("filter", known: ["type", "fields"])
            var filter = EventFilter(type: section.text("type"))
            if case .object(let members) = section.json("fields") {
                filter.fields = Dictionary(members.map { ($0.name, $0.value) }) { first, _ in first }
            } else if section.has("fields") {
                section.fail("fields", "must be a mapping of paths in the event's data to the values they must have")
            }
            return .topic(stream: stream, filter: filter)
        }
    }

    fileprivate func jobTemplate(defaults: (String) -> KindDefaults) -> JobTemplate? {
        guard let kind = required("kind", text("kind")) else { return nil }
        let defaults = defaults(kind)
        var template = JobTemplate(kind: kind, payload: json("payload").map { Payload($0) } ?? .emptyObject)
        template.queue = text("queue") ?? defaults.queue ?? template.queue
        template.tenant = text("tenant") ?? template.tenant
        template.priority = priority("priority") ?? defaults.priority ?? template.priority
        template.timeout = span("timeout", above: .zero) ?? defaults.timeout
        template.maxAttempts = integer("max_attempts", 1...Limits.attempts) ?? defaults.maxAttempts ?? template.maxAttempts
        template.labels = texts("labels") ?? [:]
        return template
    }
}
