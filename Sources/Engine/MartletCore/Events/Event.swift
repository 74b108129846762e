/// An immutable entry of an append-only stream. Sequence numbers start at 1 and have no gap (invariant 5).
public struct Event: Sendable, Hashable {
    public var stream: String
    public var sequence: Int
    public var at: Timestamp
    public var type: String
    public var data: Payload

    public init(stream: String, sequence: Int, at: Timestamp, type: String, data: Payload) {
        self.stream = stream
        self.sequence = sequence
        self.at = at
        self.type = type
        self.data = data
    }

    /// The wire form: `{"stream","seq","at","type","data"}`.
    public var json: JSON {
        [
            "stream": .string(stream), "seq": .integer(sequence), "at": .string(at.description), "type": .string(type), "data": data.json,
        ]
    }

    public init?(json: JSON) {
        guard let stream = json["stream"]?.stringValue, let sequence = json["seq"]?.integerValue,
            let at = json["at"]?.stringValue.flatMap({ Timestamp(rfc3339: $0) }), let type = json["type"]?.stringValue, let data = json["data"]
        else { return nil }
        self.init(stream: stream, sequence: sequence, at: at, type: type, data: Payload(data))
    }
}

/// An event that somebody wants appended.
public struct NewEvent: Sendable, Hashable {
    public var stream: String
    public var type: String
    public var data: Payload
    /// Where set, the event is written only while this lease is the current one of its job (invariant 2).
    public var lease: Lease?
    /// Where the event stood in the stream of the store that it comes from. Counts in `Store.append` alone.
    public var history: EventHistory?

    public init(stream: String, type: String, data: Payload, lease: Lease? = nil) {
        self.stream = stream
        self.type = type
        self.data = data
        self.lease = lease
    }

    /// An event as another store keeps it, for this one to adopt.
    public init(adopting event: Event) {
        self.init(stream: event.stream, type: event.type, data: event.data)
        history = EventHistory(sequence: event.sequence, at: event.at)
    }

    /// What is wrong with this event by itself.
    public var fault: StoreError? {
        for (field, name) in [("stream", stream), ("type", type)] {
            guard !name.isEmpty else { return .invalid(field: field, reason: "must not be empty") }
            if let reason = NewJob.nameFault(name) { return .invalid(field: field, reason: reason) }
        }
        guard data.utf8.count <= Limits.payloadBytes else { return .tooLarge(field: "data", bytesMax: Limits.payloadBytes) }
        guard let history else { return nil }
        if lease != nil { return .invalid(field: "lease", reason: "does not go with a place in the stream") }
        guard (1...Int(Int32.max)).contains(history.sequence) else {
            return .invalid(field: "sequence", reason: "must be from 1 to \(Int32.max)")
        }
        return nil
    }
}

/// The names of the streams that the engine itself writes to.
public enum StreamName {
    public static func job(_ id: JobID) -> String { "job/\(id)" }
    public static func queue(_ name: String) -> String { "queue/\(name)" }
    public static let audit = "audit"

    /// The job whose stream this is.
    public static func job(in stream: String) -> JobID? {
        stream.hasPrefix("job/") ? JobID(stream.dropFirst(4)) : nil
    }
}

/// A part of a stream.
public struct EventPage: Sendable, Hashable {
    public var events: [Event]
    /// The last sequence number the stream has given out, 0 for a stream nobody has written to.
    public var last: Int
    /// The first sequence number still kept; above `after + 1` where retention has removed what the reader asked for.
    public var first: Int

    public init(events: [Event], last: Int, first: Int) {
        self.events = events
        self.last = last
        self.first = first
    }
}
