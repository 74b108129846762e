import MartletCore

/// What a copy has noted in the stream `copy` of both stores: by it, a copy that was killed goes on, knows what it has paused, and knows that a
/// target is at work already.
struct CopyJournal: Sendable {
    static let stream = "copy"

    enum Note: String, Sendable {
        /// A copy, and a run of it.
        case run
        /// What was served at the source and has been paused.
        case paused
        case verified
        /// The target has been set to work.
        case started
    }

    private let events: [Event]

    static func read(_ store: any Store) async throws(StoreError) -> CopyJournal {
        var events: [Event] = []
        while true {
            let page = try await store.read(stream, after: events.last?.sequence ?? 0, limit: Limits.eventPageMax)
            if page.events.isEmpty { return CopyJournal(events: events) }
            events += page.events
        }
    }

    private init(events: [Event]) { self.events = events }

    /// Every copy that was noted, in order.
    var copies: [String] { events.compactMap { $0.data.json["copy"]?.stringValue } }

    func knows(run: String) -> Bool { events.contains { $0.data.json["run"]?.stringValue == run } }

    func isStarted(_ copy: String) -> Bool {
        events.contains { $0.type == Note.started.rawValue && $0.data.json["copy"]?.stringValue == copy }
    }

    var pausedQueues: Set<String> { names("queues") }
    var pausedTriggers: Set<String> { names("triggers") }

    private func names(_ member: String) -> Set<String> {
        var names: Set<String> = []
        for event in events where event.type == Note.paused.rawValue {
            if case .array(let listed)? = event.data.json[member] { names.formUnion(listed.compactMap(\.stringValue)) }
        }
        return names
    }

    static func write(_ note: Note, _ members: [JSON.Member], to store: any Store) async throws(StoreError) {
        let answers = try await store.append([NewEvent(stream: stream, type: note.rawValue, data: Payload(.object(members)))])
        if case .refused(let error)? = answers.first { throw error }
    }
}
