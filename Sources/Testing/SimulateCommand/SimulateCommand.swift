import ArgumentParser
import Glibc
import Simulation
import Synchronization

/// Runs the whole engine, several nodes of it, under faults and a virtual clock, once for each seed.
@main
struct SimulateCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "martlet-simulate",
        abstract: "Runs the engine under seeded faults and checks its invariants.",
        discussion: "Exit codes: 0 all seeds hold, 1 a seed breaks an invariant, 64 wrong usage.")

    @Option(help: "How many seeds to run, one after the other from --from.")
    var seeds: UInt64 = 1000

    @Option(help: "The first seed.")
    var from: UInt64 = 1

    @Option(help: "Run this seed alone.")
    var seed: UInt64?

    @Flag(help: "Print the trace of the seed.")
    var trace = false

    @Option(help: "Break the store in a known way, to see it caught: \(Mutation.allCases.map(\.rawValue).joined(separator: ", ")).")
    var mutation: Mutation?

    @Option(help: "Seeds run at the same time; 0 is one for each core.")
    var parallel = 0

    @Flag(help: "Let the answers to claims get lost too.")
    var losesClaims = false

    @Flag(help: "Go on after a seed that breaks an invariant.")
    var keepGoing = false

    func run() async throws {
        if let seed {
            try replay(seed)
        } else {
            try await sweep()
        }
    }

    private func replay(_ seed: UInt64) throws {
        let report = Simulator.run(seed: seed, .init(mutation: mutation, keepsTrace: true, losesClaims: losesClaims))
        if trace { for line in report.trace { Output.line(line) } }
        Output.line(report.summary)
        if !report.holds { throw ExitCode(1) }
    }

    private func sweep() async throws {
        let tally = Tally(next: from, end: from &+ seeds)
        let workers = parallel > 0 ? parallel : max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<workers {
                group.addTask {
                    while let seed = tally.take() {
                        let report = Simulator.run(seed: seed, .init(mutation: mutation, losesClaims: losesClaims))
                        tally.add(report, stopsAtFailure: !keepGoing)
                        guard !report.holds else { continue }
                        Output.line(report.summary)
                        let options = (mutation.map { " --mutation \($0.rawValue)" } ?? "") + (losesClaims ? " --loses-claims" : "")
                        Output.line("replay it: martlet-simulate --seed \(seed)\(options) --trace")
                    }
                }
            }
        }
        let total = tally.total
        Output.line(
            "\(total.seeds) seeds, \(total.failures) broken, \(total.jobs) jobs, \(total.faults) faults, \(total.steps) executor steps, "
                + "digest \(String(total.digest, radix: 16))")
        if total.failures > 0 { throw ExitCode(1) }
    }
}

extension Mutation: ExpressibleByArgument {}
