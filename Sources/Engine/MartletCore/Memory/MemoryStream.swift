/// One append-only stream: the events that are kept, and the last number given out.
struct MemoryStream: Sendable {
    /// Without a gap, and ending at `last`.
    private(set) var events: [Event] = []
    private(set) var last = 0

    init() {}

    /// A stream whose first event has this number, since those before it were removed where it came from.
    init(beginningAt first: Int) { last = first - 1 }

    /// The first sequence number still kept, or the next one where none is.
    var first: Int { last - events.count + 1 }

    mutating func append(_ event: NewEvent, at now: Timestamp) -> Event {
        last += 1
        let made = Event(stream: event.stream, sequence: last, at: now, type: event.type, data: event.data)
        events.append(made)
        precondition(first + events.count - 1 == last, "invariant 5: a stream has no gap and no duplicate")
        return made
    }

    /// The kept events above `after`.
    func events(above after: Int) -> ArraySlice<Event> {
        events[min(max(0, after - first + 1), events.count)...]
    }

    mutating func removeFirst(_ count: Int) {
        events.removeFirst(count)
    }
}
