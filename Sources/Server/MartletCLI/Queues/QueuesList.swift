import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet queues list`.
struct QueuesList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List the queues with their counts and limits.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { session in
            let queues = try await session.store.overview().queues
            if output.json {
                for queue in queues { session.terminal.say(WireJSON.queue(queue)) }
                return
            }
            var table = Table([
                .flexible("QUEUE"), .number("READY"), .number("RUNNING"), .number("WAITING"), .number("SUCCEEDED"), .number("FAILED"),
                .number("CANCELLED"), .flexible("LIMITS"),
            ])
            for queue in queues {
                let counts = queue.counts
                let numbers = [counts.ready, counts.running, counts.waiting, counts.succeeded, counts.failed, counts.cancelled].map(Wording.count)
                table.add([queue.name] + numbers + [QueueLimits.text(of: queue)])
            }
            session.terminal.say(table)
            if queues.isEmpty { session.terminal.note("no queues yet: the first job makes one") }
        }
    }
}
