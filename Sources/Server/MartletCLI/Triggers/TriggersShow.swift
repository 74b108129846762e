import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet triggers show`.
struct TriggersShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one trigger.")

    @Argument(help: "The trigger's name.") var name: String
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { session in
            let (state, now) = try await session.trigger(name)
            if output.json {
                session.terminal.say(WireJSON.trigger(state, now: now))
                return
            }
            let (trigger, job) = (state.trigger, state.trigger.job)
            let zone = ScheduleText.zone(of: trigger.schedule)
            func slot(_ time: Timestamp?) -> String { time.map { "\(LocalTime.text($0, zone: zone)) (\(Wording.relative($0, now: now)))" } ?? "-" }
            session.terminal.say(facts: [
                ("trigger", state.name), ("schedule", ScheduleText.of(trigger.schedule)), ("paused", trigger.isPaused ? "yes" : "no"),
                ("next", slot(state.nextSlot)), ("last", slot(state.lastSlot)), ("overlap", trigger.overlap.rawValue),
                ("missed", trigger.missed.rawValue), ("jitter", Wording.duration(trigger.jitter)), ("kind", job.kind), ("queue", job.queue),
                ("tenant", job.tenant), ("attempts", "\(job.maxAttempts)"), ("payload", job.payload.text), ("revision", "\(state.revision)"),
            ])
        }
    }
}
