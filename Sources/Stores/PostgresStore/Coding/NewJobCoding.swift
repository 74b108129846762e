import MartletCore

/// A new job as the functions of the database read it: a JSON object, member by member the type `new_job`.
enum NewJobCoding {
    static func encode(_ job: NewJob) -> JSON {
        var members: [JSON.Member] = [
            .init("id", .string(job.id.description)), .init("kind", .string(job.kind)), .init("queue", .string(job.queue)),
            .init("tenant", .string(job.tenant)), .init("priority", .integer(job.priority.level)), .init("payload", .string(job.payload.text)),
            .init("max_attempts", .integer(job.maxAttempts)),
        ]
        switch job.due {
        case .after(let delay): members.append(.init("delay", .integer(delay.microseconds)))
        case .at(let instant): members.append(.init("due", .string(instant.description)))
        }
        if let key = job.key {
            members += [
                .init("key", .string(key.name.storable)), .init("key_scope", .integer(key.scope.code)),
                .init("key_conflict", .integer(key.conflict.code)),
            ]
            if case .window(let span) = key.scope { members.append(.init("key_window", .integer(span.microseconds))) }
        }
        if let timeout = job.timeout { members.append(.init("timeout", .integer(timeout.microseconds))) }
        if let timeout = job.queueTimeout { members.append(.init("queue_timeout", .integer(timeout.microseconds))) }
        if !job.labels.isEmpty { members.append(.init("labels", labels(job.labels))) }
        if let parent = job.parent {
            members += [.init("parent", .string(parent.job.description)), .init("parent_group", .string(parent.group))]
        }
        if let trigger = job.trigger { members.append(.init("trigger", .string(trigger))) }
        return .object(members)
    }

    static func labels(_ labels: [String: String]) -> JSON {
        .object(labels.sorted { $0.key < $1.key }.map { JSON.Member($0.key, .string($0.value)) })
    }
}
