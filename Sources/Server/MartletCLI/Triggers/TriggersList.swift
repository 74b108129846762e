import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet triggers list`.
struct TriggersList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the triggers.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { session in
            let overview = try await session.store.overview()
            if output.json {
                for state in overview.triggers { session.terminal.say(WireJSON.trigger(state, now: overview.now)) }
                return
            }
            var table = Table([.flexible("TRIGGER"), .flexible("SCHEDULE"), .flexible("KIND"), .flexible("NEXT"), .flexible("LAST")])
            for state in overview.triggers {
                let next = state.trigger.isPaused ? "paused" : state.nextSlot.map { Wording.relative($0, now: overview.now) } ?? "-"
                let last = state.lastSlot.map { Wording.relative($0, now: overview.now) } ?? "-"
                table.add([state.name, ScheduleText.of(state.trigger.schedule), state.trigger.job.kind, next, last])
            }
            session.terminal.say(table)
            if overview.triggers.isEmpty { session.terminal.note("no triggers") }
        }
    }
}

extension StoreSession {
    /// - Throws: `StoreError.notFound`.
    func trigger(_ name: String) async throws -> (state: TriggerState, now: Timestamp) {
        let overview = try await store.overview()
        guard let state = overview.triggers.first(where: { $0.name == name }) else { throw StoreError.notFound("trigger '\(name)'") }
        return (state, overview.now)
    }
}
