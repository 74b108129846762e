import MartletCore

/// Events on their way into the database, with the jobs of the triggers that they fire.
struct EventCoding {
    private let topics: Topics.Known
    /// The triggers that are fired, some of them often.
    private(set) var triggers: Set<String> = []
    private(set) var fires = 0
    private(set) var streams: Set<String> = []

    init(_ topics: Topics.Known) { self.topics = topics }

    mutating func encode(_ event: NewEvent) -> JSON {
        streams.insert(event.stream)
        var members: [JSON.Member] = [
            .init("stream", .string(event.stream)), .init("type", .string(event.type)), .init("data", .string(event.data.text)),
        ]
        let fired = fired(by: event)
        if !fired.isEmpty { members.append(.init("fires", .array(fired))) }
        if let lease = event.lease {
            members += [.init("job", .string(lease.job.description)), .init("epoch", .integer(lease.epoch))]
            if event.type == "progress", event.stream == StreamName.job(lease.job), let progress = Progress(event.data) {
                members += EventCoding.encode(progress)
            }
        }
        return .object(members)
    }

    static func encode(_ progress: Progress) -> [JSON.Member] {
        var members: [JSON.Member] = [.init("fraction", .real(progress.fraction))]
        if let message = progress.message { members.append(.init("message", .string(message.storable))) }
        return members
    }

    private mutating func fired(by event: NewEvent) -> [JSON] {
        var fired: [JSON] = []
        for state in topics.triggers[event.stream] ?? [] {
            let trigger = state.trigger
            guard !trigger.isPaused, case .topic(_, let filter) = trigger.schedule, filter.matches(type: event.type, data: event.data) else {
                continue
            }
            fires += 1
            triggers.insert(state.name)
            fired.append(
                [
                    "job": job(of: state), "prefix": .string(prefix(of: trigger.job.payload)), "overlap": .integer(trigger.overlap.code),
                    "jitter": .integer(trigger.jitter.microseconds), "hash": .string(String(hash(state.name))),
                ])
        }
        return fired
    }

    /// Without id, payload and due time: those depend on the event's number and time.
    private func job(of state: TriggerState) -> JSON {
        var job = state.trigger.job.job(id: JobID(high: 0, low: 0))
        job.payload = .null
        job.trigger = state.name
        return job.fault == nil ? NewJobCoding.encode(job) : ["trigger": .string(state.name)]
    }

    /// The payload of `Trigger.job(for:id:)` up to where the event stands.
    private func prefix(of template: Payload) -> String {
        var text: [UInt8] = [UInt8(ascii: "{")]
        let members: [JSON.Member] =
            if case .object(let members) = template.json { members.filter { $0.name != "event" } } else { [.init("payload", template.json)] }
        for member in members {
            JSON.write(member.name, to: &text)
            text.append(UInt8(ascii: ":"))
            member.value.write(to: &text)
            text.append(UInt8(ascii: ","))
        }
        return String(decoding: text, as: UTF8.self) + "\"event\":"
    }

    /// FNV-1a of a trigger's name: where `Trigger.delay` stands before it comes to the slot.
    private func hash(_ name: String) -> UInt64 {
        name.utf8.reduce(0xCBF2_9CE4_8422_2325) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    }
}
