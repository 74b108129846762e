import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet queues set`.
struct QueuesSet: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "set", abstract: "Change a queue's limits; what is not named stays as it is, 'none' takes a limit away.",
        discussion: "A queue that martlet.yaml names gets the file's limits again when a server starts with it.")

    /// A limit, or none.
    enum Limit: ExpressibleByArgument {
        case none
        case of(Int)

        init?(argument: String) {
            if argument == "none" {
                self = .none
            } else if let number = Int(argument) {
                self = .of(number)
            } else {
                return nil
            }
        }

        var number: Int? {
            if case .of(let number) = self { number } else { nil }
        }
    }

    @Argument(help: "The queue's name; one that does not exist comes into being.") var name: String
    @Option(help: "Jobs running at once, over all nodes.") var concurrency: Limit?
    @Option(help: "Jobs running at once for one tenant.") var perTenant: Limit?
    @Option(help: "Jobs started in a span of time, as in 100/60 (100 a minute), or none.") var rate: RateArgument?
    @Option(help: "Ready jobs at which new work is refused.") var highWater: Limit?
    @Option(help: "Ready jobs below which it is accepted again.") var lowWater: Limit?
    @Option(help: "How long finished jobs are kept.") var retention: DurationArgument?
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await storeOptions.withStore { session in
            let current = try await session.store.overview().queues.first { $0.name == name }
            let policy = changed(current?.policy ?? QueuePolicy())
            if let fault = policy.fault { throw fault }
            let queue = try await session.store.set(name, .policy(policy))
            if output.json { session.terminal.say(WireJSON.queue(queue)) } else { session.terminal.say("\(name): \(QueueLimits.text(of: queue))") }
        }
    }

    private func changed(_ policy: QueuePolicy) -> QueuePolicy {
        var policy = policy
        if let concurrency { policy.concurrency = concurrency.number }
        if let perTenant { policy.perTenant = perTenant.number }
        if let rate { policy.rate = rate.rate }
        if let highWater { policy.highWater = highWater.number }
        if let lowWater { policy.lowWater = lowWater.number }
        if let retention { policy.retention = retention.duration }
        return policy
    }
}
