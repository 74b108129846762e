import MartletCore
import Testing

@Suite struct TriggerFaultTests {
    private static func field(_ schedule: Trigger.Schedule, jitter: Duration = .zero, job: JobTemplate = JobTemplate(kind: "k")) -> String? {
        switch Trigger(schedule, jitter: jitter, job: job).fault {
        case .invalid(let field, _), .tooLarge(let field, _): field
        default: nil
        }
    }

    @Test func `sound triggers are accepted`() throws {
        #expect(Self.field(.cron(try CronExpression("0 3 * * *"), zone: "Europe/Berlin"), jitter: .seconds(86_400)) == nil)
        #expect(Self.field(.every(.seconds(1), offset: .milliseconds(999))) == nil)
        #expect(Self.field(.topic(stream: "github", filter: EventFilter(type: "push"))) == nil)
    }

    @Test func `each fault is named by its field`() throws {
        let daily = Trigger.Schedule.cron(try CronExpression("0 3 * * *"), zone: "UTC")
        #expect(Self.field(.cron(try CronExpression("0 3 * * *"), zone: "Berlin")) == "zone")
        #expect(Self.field(.every(.milliseconds(999), offset: .zero)) == "every")
        #expect(Self.field(.every(Limits.delay + .seconds(1), offset: .zero)) == "every")
        #expect(Self.field(.every(.seconds(5), offset: .seconds(5))) == "offset")
        #expect(Self.field(.every(.seconds(5), offset: .seconds(-1))) == "offset")
        #expect(Self.field(.topic(stream: "", filter: EventFilter())) == "stream")
        #expect(Self.field(.topic(stream: "a\n", filter: EventFilter())) == "stream")
        #expect(Self.field(.topic(stream: "s", filter: EventFilter(type: "\u{1}"))) == "type")
        #expect(Self.field(daily, jitter: .seconds(-1)) == "jitter")
        #expect(Self.field(daily, jitter: .seconds(86_401)) == "jitter")
        #expect(Self.field(daily, job: JobTemplate(kind: "")) == "job.kind")
        var template = JobTemplate(kind: "k")
        template.maxAttempts = 0
        #expect(Self.field(daily, job: template) == "job.max_attempts")
        let large = JobTemplate(kind: "k", payload: Payload(.string(String(repeating: "x", count: Limits.payloadBytes))))
        #expect(Self.field(daily, job: large) == "job.payload")
    }
}
