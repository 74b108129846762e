import MartletCore

/// The topic triggers of a deployment, as of one revision of them all. Which of them an event fires is decided here, where JSON can be
/// read; the function refuses what was decided by another revision.
struct Topics: Sendable {
    var revision = 0
    /// By stream, each by name.
    var triggers: [String: [TriggerState]] = [:]

    init() {}

    init(revision: Int, _ states: [TriggerState]) {
        self.revision = revision
        for state in states.sorted(by: { $0.name < $1.name }) {
            if case .topic(let stream, _) = state.trigger.schedule { triggers[stream, default: []].append(state) }
        }
    }

    /// The triggers that this event fires, packed for `events.lua`.
    func matches(_ event: NewEvent) -> [[UInt8]] {
        (triggers[event.stream] ?? []).compactMap { state in
            guard !state.trigger.isPaused, case .topic(_, let filter) = state.trigger.schedule, filter.matches(type: event.type, data: event.data)
            else { return nil }
            return Self.pack(state, event)
        }
    }

    /// Overlap, jitter, the hash of the name in four parts, the head of the job or nil where no store would accept it, the template's payload,
    /// what the job has in common with others.
    private static func pack(_ state: TriggerState, _ event: NewEvent) -> [UInt8] {
        let sample = Event(stream: event.stream, sequence: 1, at: .epoch, type: event.type, data: event.data)
        var job = state.trigger.job(for: sample, id: JobID(high: 0, low: 0))
        job.trigger = state.name
        var writer = PackWriter(capacity: 256)
        writer.add(state.trigger.overlap.rawValue)
        writer.add(max(.zero, state.trigger.jitter))
        // As in `Trigger.delay`, which goes on with the slot.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in state.name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        for shift in [48, 32, 16, 0] { writer.add(Int(hash >> UInt64(shift) & 0xFFFF)) }
        if job.fault == nil { writer.add(bytes: JobCoding.head(job).bytes) } else { writer.addNil() }
        writer.add(bytes: state.trigger.job.payload.utf8)
        writer.add(bytes: JobCoding.common(job))
        return writer.bytes
    }
}
