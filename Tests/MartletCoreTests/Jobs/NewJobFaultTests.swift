import MartletCore
import Testing

@Suite struct NewJobFaultTests {
    private static func job(_ change: (inout NewJob) -> Void = { _ in }) -> NewJob {
        var job = NewJob(id: JobID(high: 1, low: 1), kind: "mail", payload: .emptyObject)
        change(&job)
        return job
    }

    private static func field(_ job: NewJob) -> String? {
        switch job.fault {
        case .invalid(let field, _), .tooLarge(let field, _): field
        default: nil
        }
    }

    private static let long = String(repeating: "n", count: Limits.nameBytes)

    @Test func `a plain job and one at every limit are accepted`() {
        #expect(Self.job().fault == nil)
        let full = Self.job {
            $0.kind = Self.long
            $0.queue = Self.long
            $0.tenant = Self.long
            $0.trigger = Self.long
            $0.payload = Payload(.string(String(repeating: "x", count: Limits.payloadBytes - 2)))
            $0.maxAttempts = Limits.attempts
            $0.due = .after(Limits.delay)
            ($0.timeout, $0.queueTimeout) = (Limits.delay, .microseconds(1))
            $0.key = IdempotencyKey(String(repeating: "k", count: Limits.keyBytes), scope: .window(Limits.delay))
            for number in 0..<Limits.labels { $0.labels["l\(number)"] = Self.long }
            $0.parent = .init(job: JobID(high: 0, low: 0), group: Self.long)
        }
        #expect(full.fault == nil)
        #expect(Self.job { $0.due = .at(.epoch) }.fault == nil)
    }

    @Test func `each value over its limit is refused by the name of its field`() {
        let cases: [(String, (inout NewJob) -> Void)] = [
            ("kind", { $0.kind = "" }), ("kind", { $0.kind = Self.long + "n" }), ("kind", { $0.kind = "a\nb" }), ("kind", { $0.kind = "a\u{7F}" }),
            ("queue", { $0.queue = "" }), ("queue", { $0.queue = "a\u{0}" }), ("tenant", { $0.tenant = Self.long + "é" }),
            ("trigger", { $0.trigger = "\t" }),
            ("payload", { $0.payload = Payload(.string(String(repeating: "x", count: Limits.payloadBytes - 1))) }),
            ("max_attempts", { $0.maxAttempts = 0 }), ("max_attempts", { $0.maxAttempts = Limits.attempts + 1 }),
            ("delay", { $0.due = .after(.microseconds(-1)) }), ("delay", { $0.due = .after(Limits.delay + .microseconds(1)) }),
            ("timeout", { $0.timeout = .zero }), ("timeout", { $0.timeout = Limits.delay + .seconds(1) }),
            ("queue_timeout", { $0.queueTimeout = .zero }),
            ("key", { $0.key = IdempotencyKey("") }), ("key", { $0.key = IdempotencyKey(String(repeating: "k", count: Limits.keyBytes + 1)) }),
            ("key_scope", { $0.key = IdempotencyKey("k", scope: .window(.zero)) }),
            ("key_scope", { $0.key = IdempotencyKey("k", scope: .window(Limits.delay + .seconds(1))) }),
            ("labels", { job in for number in 0...Limits.labels { job.labels["l\(number)"] = "" } }), ("labels", { $0.labels[""] = "x" }),
            ("labels", { $0.labels["x"] = "\n" }), ("labels", { $0.labels[Self.long + "n"] = "" }),
            ("group", { $0.parent = .init(job: JobID(high: 0, low: 0), group: "\r") }),
        ]
        for (field, change) in cases { #expect(Self.field(Self.job(change)) == field) }
    }

    @Test func `an event and a step are held to the same limits`() {
        #expect(NewEvent(stream: "s", type: "t", data: .null).fault == nil)
        #expect(NewEvent(stream: "", type: "t", data: .null).fault != nil)
        #expect(NewEvent(stream: "s", type: Self.long + "n", data: .null).fault != nil)
        #expect(NewStep(name: "s", result: .null).fault == nil)
        #expect(NewStep(name: "", result: .null).fault != nil)
        let large = Payload(.string(String(repeating: "x", count: Limits.payloadBytes)))
        #expect(NewEvent(stream: "s", type: "t", data: large).fault == .tooLarge(field: "data", bytesMax: Limits.payloadBytes))
        #expect(NewStep(name: "s", result: large).fault == .tooLarge(field: "step result", bytesMax: Limits.payloadBytes))
    }

    @Test func `a message is cut between two characters`() {
        #expect(Limits.cut("äöü", to: 6) == "äöü")
        #expect(Limits.cut("äöü", to: 5) == "äö")
        #expect(Limits.cut("👨‍👩‍👧x", to: 10) == "")
        #expect(Failure(kind: "k", message: String(repeating: "m", count: 5000)).message.utf8.count == Limits.messageBytes)
    }

    @Test func `progress stays between nothing and all`() {
        #expect(Progress(fraction: -1).fraction == 0)
        #expect(Progress(fraction: .nan).fraction == 0)
        #expect(Progress(fraction: 7).fraction == 1)
        #expect(Progress(fraction: 0.25).fraction == 0.25)
    }
}
