import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet triggers put`.
struct TriggersPut: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "put", abstract: "Make a trigger, or replace it.",
        discussion: "A trigger that martlet.yaml names is put again when a server starts with it. A running server sees changes within seconds.")

    @Argument(help: "The trigger's name.") var name: String
    @OptionGroup(title: "Schedule") var schedule: ScheduleOptions
    @Option(help: "What the jobs do: their kind.") var kind: String
    @Option(help: "Their payload: JSON, @FILE, or - for standard input.") var payload = "{}"
    @Option(help: "Their queue.") var queue: String?
    @Option(help: "Their tenant.") var tenant: String?
    @Option(help: "How often each is tried.") var maxAttempts: Int?
    @Option(help: "How long one attempt may take.") var timeout: DurationArgument?
    @Option(name: .customLong("label"), help: "A label of the jobs; may be repeated.") var labels: [NameValue] = []
    @Option(help: "While an earlier job is unfinished: skip (default), queue, cancel.") var overlap: Trigger.Overlap = .skip
    @Option(help: "Slots that nobody was there to fire: skip, last (default), all.") var missed: Trigger.Missed = .last
    @Option(help: "Each job is due up to so long after its slot.") var jitter: DurationArgument?
    @Flag(help: "Make it paused.") var paused = false
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        let trigger = Trigger(
            try schedule.schedule(), overlap: overlap, missed: missed, jitter: jitter?.duration ?? .zero, isPaused: paused,
            job: try template(defaults: try storeOptions.configuration().defaults(for: kind)))
        if let fault = trigger.fault { throw fault }
        try await storeOptions.withStore { session in
            guard let state = try await session.store.put(trigger, named: name) else { return }
            if output.json {
                session.terminal.say(WireJSON.trigger(state, now: try await session.store.overview().now))
            } else {
                session.terminal.say("\(name): \(ScheduleText.of(trigger.schedule)), revision \(state.revision)")
            }
        }
    }

    private func template(defaults: KindDefaults) throws -> JobTemplate {
        var template = JobTemplate(kind: kind, payload: try PayloadSource.read(payload, of: "--payload"))
        template.queue = queue ?? defaults.queue ?? template.queue
        template.tenant = tenant ?? template.tenant
        template.priority = defaults.priority ?? template.priority
        template.timeout = timeout?.duration ?? defaults.timeout
        template.maxAttempts = maxAttempts ?? defaults.maxAttempts ?? template.maxAttempts
        template.labels = labels.dictionary
        return template
    }
}

extension Trigger.Overlap: ExpressibleByArgument {}
extension Trigger.Missed: ExpressibleByArgument {}
