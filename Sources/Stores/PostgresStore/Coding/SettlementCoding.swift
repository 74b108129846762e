import MartletCore

/// Settlements on their way into the database, sorted into those that only succeeded and the rest.
struct SettlementCoding {
    private(set) var plain: [(ord: Int, lease: Lease, result: String?)] = []
    private(set) var rest: [(ord: Int, job: JobID, document: JSON)] = []
    private(set) var parents: [NewJob.Parent] = []
    private(set) var events: EventCoding
    /// Streams that are waited for.
    private var awaited: Set<String> = []
    private var seen: Set<JobID> = []

    init(_ settlements: [Settlement], _ topics: Topics.Known) {
        events = EventCoding(topics)
        for (ord, settlement) in settlements.enumerated() {
            let isFirst = seen.insert(settlement.lease.job).inserted
            if isFirst, settlement.isPlain, case .succeeded(let result) = settlement.disposition {
                plain.append((ord, settlement.lease, result?.text))
            } else {
                rest.append((ord, settlement.lease.job, encode(settlement)))
            }
        }
        // In the order in which everybody locks jobs.
        plain.sort { $0.lease.job < $1.lease.job }
    }

    var streams: [String] { events.streams.union(awaited).sorted() }

    private mutating func encode(_ settlement: Settlement) -> JSON {
        let lease = settlement.lease
        var members: [JSON.Member] = [.init("job", .string(lease.job.description)), .init("epoch", .integer(lease.epoch))]
        if settlement.fault != nil { return .object(members + [.init("fault", .bool(true))]) }
        if !settlement.steps.isEmpty { members.append(.init("steps", .array(settlement.steps.map(encode)))) }
        if !settlement.children.isEmpty {
            parents += settlement.children.compactMap(\.parent)
            members.append(.init("children", .array(settlement.children.map(NewJobCoding.encode))))
        }
        if !settlement.events.isEmpty {
            let encoded = settlement.events.map { event in
                var event = event
                event.lease = nil
                return events.encode(event)
            }
            members.append(.init("events", .array(encoded)))
        }
        if let progress = settlement.progress { members += EventCoding.encode(progress) }
        return .object(members + encode(settlement.disposition, of: lease.job))
    }

    private func encode(_ step: NewStep) -> JSON {
        ["name": .string(step.name), "state": .integer(step.state.code), "result": .string(step.result.text)]
    }

    private mutating func encode(_ disposition: Settlement.Disposition, of job: JobID) -> [JSON.Member] {
        switch disposition {
        case .succeeded(let result): [.init("end", "succeeded")] + (result.map { [.init("result", .string($0.text))] } ?? [])
        case .failed(let failure, let retryAfter):
            [
                .init("end", "failed"), .init("error_kind", .string(failure.kind.storable)),
                .init("error_message", .string(failure.message.storable)),
            ] + (retryAfter.map { [.init("delay", .integer($0.microseconds))] } ?? [])
        case .cancelled(let reason):
            [.init("end", "cancelled")]
                + (reason.map { [.init("error_message", .string(Failure(kind: "cancelled", message: $0).message.storable))] } ?? [])
        case .snoozed(let delay): [.init("end", "released"), .init("delay", .integer(delay.microseconds))]
        case .released: [.init("end", "released")]
        case .waiting(let wait): [.init("end", "waiting")] + encode(wait, of: job)
        }
    }

    private mutating func encode(_ wait: Wait, of job: JobID) -> [JSON.Member] {
        var members: [JSON.Member] = []
        switch wait.condition {
        case .event(let stream, let type, let after):
            awaited.insert(stream)
            members += [
                .init("wait_kind", 0), .init("wait_name", .string(stream)), .init("wait_type", .string(type)), .init("wait_after", .integer(after)),
            ]
        case .children(let group):
            parents.append(NewJob.Parent(job: job, group: group))
            members += [.init("wait_kind", 1), .init("wait_name", .string(group))]
        case .turn(let trigger): members += [.init("wait_kind", 2), .init("wait_name", .string(trigger))]
        }
        if let step = wait.step { members.append(.init("wait_step", .string(step))) }
        if let deadline = wait.deadline { members.append(.init("wait_deadline", .integer(deadline.microseconds))) }
        return members
    }
}

extension Settlement {
    /// Whether it says nothing but how the attempt ended.
    fileprivate var isPlain: Bool {
        guard steps.isEmpty, events.isEmpty, children.isEmpty, progress == nil else { return false }
        return fault == nil
    }
}
