import MartletCore

/// Reads events that somebody wants appended.
enum EventReader {
    /// `{"stream" or "topic", "type", "data"}`: an event for a stream that belongs to no job.
    static func event(_ json: JSON, from principal: Principal, at place: String = "") throws(Problem) -> NewEvent {
        let fields = try FieldReader(json, allowed: ["stream", "topic", "type", "data"], at: place)
        let (stream, topic) = (try fields.string("stream"), try fields.string("topic"))
        guard let name = stream ?? topic else { throw fields.missing("stream") }
        guard stream == nil || topic == nil else { throw .invalid(fields.path("topic"), "is another word for stream: give one of them") }
        guard !isReserved(name) else {
            throw .invalid(
                fields.path("stream"), "must not be audit, nor begin with job/ or queue/: the engine and the holders of leases write those")
        }
        guard principal.appending(name) == .granted else {
            let prefix = principal.tenant.map(Principal.streamPrefix(ofTenant:)) ?? ""
            throw Problem(
                .forbidden, "this principal appends to the streams of its tenant alone, which begin with \(prefix)", [.init("field", "stream")])
        }
        return NewEvent(stream: name, type: try fields.requiredString("type"), data: Payload(fields.json("data") ?? .null))
    }

    /// `{"type", "data"}`: an event for the stream of the job under this lease.
    static func event(_ json: JSON, under lease: Lease, at place: String) throws(Problem) -> NewEvent {
        let fields = try FieldReader(json, allowed: ["type", "data"], at: place)
        return NewEvent(
            stream: StreamName.job(lease.job), type: try fields.requiredString("type"), data: Payload(fields.json("data") ?? .null), lease: lease)
    }

    /// Invariant 2: only the holder of a job's lease appends for the job.
    private static func isReserved(_ stream: String) -> Bool {
        stream == StreamName.audit || stream.hasPrefix("job/") || stream.hasPrefix("queue/")
    }
}
