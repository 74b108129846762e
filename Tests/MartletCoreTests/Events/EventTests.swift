import MartletCore
import Testing

@Suite struct EventTests {
    private static let data = Payload(["repository": ["name": "martlet", "stars": 5], "ref": "main", "draft": nil])

    @Test func `a filter that says nothing takes everything`() {
        #expect(EventFilter().matches(type: "push", data: Self.data))
        #expect(EventFilter().matches(type: "push", data: .null))
    }

    @Test func `all that a filter says must match`() {
        #expect(EventFilter(type: "push").matches(type: "push", data: Self.data))
        #expect(!EventFilter(type: "push").matches(type: "pull", data: Self.data))
        #expect(EventFilter(fields: ["repository.name": "martlet", "ref": "main"]).matches(type: "x", data: Self.data))
        #expect(!EventFilter(fields: ["repository.name": "martlet", "ref": "next"]).matches(type: "x", data: Self.data))
        #expect(!EventFilter(type: "pull", fields: ["ref": "main"]).matches(type: "push", data: Self.data))
    }

    @Test func `a path that leads nowhere matches nothing, not even null`() {
        for path in ["missing", "ref.name", "repository.name.first"] {
            #expect(!EventFilter(fields: [path: nil]).matches(type: "x", data: Self.data))
        }
        #expect(EventFilter(fields: ["draft": nil]).matches(type: "x", data: Self.data))
        #expect(!EventFilter(fields: ["repository.stars": "5"]).matches(type: "x", data: Self.data))
    }

    @Test func `an event survives its wire form`() {
        let event = Event(stream: "job/1", sequence: 3, at: Timestamp(microseconds: 1_700_000_000_123_456), type: "done", data: Self.data)
        #expect(Event(json: event.json) == event)
        #expect(Event(json: ["stream": "s"]) == nil)
    }

    @Test func `the stream of a job names it`() {
        let id = JobID(high: 1, low: 2)
        #expect(StreamName.job(in: StreamName.job(id)) == id)
        #expect(StreamName.job(in: "queue/default") == nil && StreamName.job(in: "job/x") == nil)
    }

    @Test func `a topic trigger adds the event to the payload of its job`() {
        let event = Event(stream: "s", sequence: 1, at: .epoch, type: "t", data: .null)
        let trigger = Trigger(.topic(stream: "s", filter: EventFilter()), job: JobTemplate(kind: "k", payload: Payload(["a": 1, "event": "old"])))
        let made = trigger.job(for: event, id: JobID(high: 0, low: 1)).payload.json
        #expect(made == ["a": 1, "event": event.json])
        let list = Trigger(.topic(stream: "s", filter: EventFilter()), job: JobTemplate(kind: "k", payload: Payload([1, 2])))
        #expect(list.job(for: event, id: JobID(high: 0, low: 1)).payload.json == ["payload": [1, 2], "event": event.json])
    }

    @Test func `a wait's result survives its payload`() {
        let event = Event(stream: "s", sequence: 1, at: .epoch, type: "t", data: .null)
        for result in [WaitResult.event(event), .children(succeeded: 3, failed: 1, cancelled: 0), .deadline] {
            #expect(WaitResult(result.payload) == result)
        }
        #expect(WaitResult(.null) == nil && WaitResult(Payload(["deadline": false])) == nil)
    }
}
