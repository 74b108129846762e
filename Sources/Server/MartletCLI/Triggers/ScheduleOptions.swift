import ArgumentParser
import MartletCore

/// A schedule on the command line.
struct ScheduleOptions: ParsableArguments {
    @Option(help: "A cron expression of five fields, or six with seconds first: '0 3 * * *'.") var cron: String?
    @Option(help: "The IANA time zone of the cron expression. Default: UTC.") var zone: String?
    @Option(help: "Every so often: seconds, or ISO 8601 such as PT15M.") var every: DurationArgument?
    @Option(help: "Each event of this stream.") var topic: String?
    @Option(help: "Only events of this type.") var type: String?
    @Option(
        name: .customLong("field"), help: "Only events whose data has this value at this path, as in repository.name=\"martlet\"; may be repeated.")
    var fields: [NameValue] = []

    var isGiven: Bool { cron != nil || every != nil || topic != nil }

    func schedule() throws -> Trigger.Schedule {
        guard [cron != nil, every != nil, topic != nil].filter({ $0 }).count == 1 else {
            throw ValidationError("Give one of --cron, --every and --topic.")
        }
        if zone != nil, cron == nil { throw ValidationError("--zone goes with --cron.") }
        if type != nil || !fields.isEmpty, topic == nil { throw ValidationError("--type and --field go with --topic.") }
        if let cron {
            do throws(CronError) {
                return .cron(try CronExpression(cron), zone: zone ?? "UTC")
            } catch {
                throw ValidationError("--cron: \(error)")
            }
        }
        if let every { return .every(every.duration, offset: .zero) }
        return .topic(stream: topic ?? "", filter: EventFilter(type: type, fields: fields.dictionary.mapValues(Self.value)))
    }

    /// JSON where it is, else text: a shell eats the quotes.
    private static func value(_ text: String) -> JSON {
        do throws(JSONError) {
            return try JSON(parsing: text)
        } catch {
            return .string(text)
        }
    }
}
