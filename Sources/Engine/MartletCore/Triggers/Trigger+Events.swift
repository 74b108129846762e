extension Trigger {
    /// The job that an event makes: the template's, with the event as member `event` of its payload.
    /// A template whose payload is not an object is kept whole as member `payload`.
    public func job(for event: Event, id: JobID) -> NewJob {
        var made = job.job(id: id)
        switch job.payload.json {
        case .object(let members):
            made.payload = Payload(.object(members.filter { $0.name != "event" } + [.init("event", event.json)]))
        case let other:
            made.payload = Payload(["payload": other, "event": event.json])
        }
        return made
    }
}
