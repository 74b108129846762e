/// A trigger as the stores keep it: a JSON object. Part of their format: members are added, never renamed.
package enum TriggerCoding {
    package static func encode(_ trigger: Trigger) -> Payload {
        var members: [JSON.Member] = []
        if case .object(let schedule) = encode(trigger.schedule) { members = schedule }
        members += [
            .init("overlap", .string(trigger.overlap.rawValue)), .init("missed", .string(trigger.missed.rawValue)),
            .init("jitter", .integer(trigger.jitter.microseconds)), .init("paused", .bool(trigger.isPaused)),
            .init("job", encode(trigger.job)),
        ]
        return Payload(.object(members))
    }

    /// Two schedules are equal where this is.
    package static func encode(_ schedule: Trigger.Schedule) -> JSON {
        var members: [JSON.Member] = []
        switch schedule {
        case .cron(let expression, let zone):
            members += [.init("cron", .string(expression.text)), .init("zone", .string(zone))]
        case .every(let interval, let offset):
            members += [.init("every", .integer(interval.microseconds)), .init("offset", .integer(offset.microseconds))]
        case .topic(let stream, let filter):
            members.append(.init("topic", .string(stream)))
            if let type = filter.type { members.append(.init("type", .string(type))) }
            members.append(.init("fields", .object(filter.fields.sorted { $0.key < $1.key }.map { JSON.Member($0.key, $0.value) })))
        }
        return .object(members)
    }

    private static func encode(_ job: JobTemplate) -> JSON {
        var members: [JSON.Member] = [
            .init("kind", .string(job.kind)), .init("payload", .string(job.payload.text)), .init("queue", .string(job.queue)),
            .init("tenant", .string(job.tenant)), .init("priority", .integer(job.priority.level)),
            .init("max_attempts", .integer(job.maxAttempts)),
            .init("labels", .object(job.labels.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })),
        ]
        if let timeout = job.timeout { members.append(.init("timeout", .integer(timeout.microseconds))) }
        return .object(members)
    }

    package static func decode(_ stored: Payload) throws(StoreError) -> Trigger {
        let json = stored.json
        guard let overlap = json["overlap"]?.stringValue.flatMap(Trigger.Overlap.init(rawValue:)),
            let missed = json["missed"]?.stringValue.flatMap(Trigger.Missed.init(rawValue:)), let jitter = span(json["jitter"]),
            let isPaused = json["paused"]?.boolValue, let job = json["job"]
        else { throw .unknownRow }
        return Trigger(
            try schedule(json), overlap: overlap, missed: missed, jitter: jitter, isPaused: isPaused, job: try template(job))
    }

    private static func schedule(_ json: JSON) throws(StoreError) -> Trigger.Schedule {
        if let expression = json["cron"]?.stringValue, let zone = json["zone"]?.stringValue {
            do throws(CronError) {
                return .cron(try CronExpression(expression), zone: zone)
            } catch {
                throw .unknownRow
            }
        }
        if let interval = span(json["every"]), let offset = span(json["offset"]) { return .every(interval, offset: offset) }
        guard let stream = json["topic"]?.stringValue, case .object(let fields)? = json["fields"] else { throw .unknownRow }
        let filter = EventFilter(
            type: json["type"]?.stringValue, fields: Dictionary(fields.map { ($0.name, $0.value) }, uniquingKeysWith: { first, _ in first }))
        return .topic(stream: stream, filter: filter)
    }

    private static func template(_ json: JSON) throws(StoreError) -> JobTemplate {
        guard let kind = json["kind"]?.stringValue, let payload = json["payload"]?.stringValue, let queue = json["queue"]?.stringValue,
            let tenant = json["tenant"]?.stringValue, let priority = json["priority"]?.integerValue.flatMap({ Priority($0) }),
            let maxAttempts = json["max_attempts"]?.integerValue, case .object(let labels)? = json["labels"]
        else { throw .unknownRow }
        // As text, so that what an encoder wrote comes back byte for byte.
        var job = JobTemplate(kind: kind, payload: Payload(trusted: Array(payload.utf8)))
        job.queue = queue
        job.tenant = tenant
        job.priority = priority
        job.maxAttempts = maxAttempts
        job.timeout = span(json["timeout"])
        for label in labels { job.labels[label.name] = label.value.stringValue }
        return job
    }

    private static func span(_ json: JSON?) -> Duration? { json?.integerValue.map { .microseconds($0) } }
}
