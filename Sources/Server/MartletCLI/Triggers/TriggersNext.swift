import ArgumentParser
import MartletCore

/// `martlet triggers next`.
struct TriggersNext: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "next", abstract: "Show the coming slots of a trigger, of all, or of a schedule on trial, in their zone.")

    @Argument(help: "The trigger's name; all where none is named.") var name: String?
    @OptionGroup(title: "Schedule on trial") var schedule: ScheduleOptions
    @Option(help: "How many slots.") var count = 5
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func validate() throws {
        guard (1...1000).contains(count) else { throw ValidationError("--count must be from 1 to 1000") }
        if name != nil, schedule.isGiven { throw ValidationError("Give a trigger's name or a schedule, not both.") }
    }

    func run() async throws {
        if schedule.isGiven {
            let trial = Trigger(try schedule.schedule(), job: JobTemplate(kind: "trial"))
            if let fault = trial.fault { throw fault }
            show("on trial", trial, now: Environment.system.clock.now(), .standard)
            return
        }
        try await storeOptions.withStore { session in
            if let name {
                let (state, now) = try await session.trigger(name)
                show(name, state.trigger, now: now, session.terminal)
                return
            }
            let overview = try await session.store.overview()
            for state in overview.triggers { show(state.name, state.trigger, now: overview.now, session.terminal) }
            if overview.triggers.isEmpty { session.terminal.note("no triggers") }
        }
    }

    private func show(_ name: String, _ trigger: Trigger, now: Timestamp, _ terminal: Terminal) {
        let slots = SlotPlanner.upcoming(trigger.schedule, after: now, count: count)
        if output.json {
            let json: JSON = ["name": .string(name), "next": .array(slots.map { .string($0.description) })]
            terminal.say(json.description)
            return
        }
        terminal.say(
            terminal.style(TextWidth.harmless("\(name)  \(ScheduleText.of(trigger.schedule))\(trigger.isPaused ? "  (paused)" : "")"), .bold))
        let zone = ScheduleText.zone(of: trigger.schedule)
        for slot in slots { terminal.say("  \(LocalTime.text(slot, zone: zone))  \(Wording.relative(slot, now: now))") }
        if slots.isEmpty { terminal.say(isTopic(trigger) ? "  whenever an event comes" : "  never again") }
    }

    private func isTopic(_ trigger: Trigger) -> Bool {
        if case .topic = trigger.schedule { true } else { false }
    }
}
