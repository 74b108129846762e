import ArgumentParser
import MartletCore

/// `martlet bench`.
struct BenchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "bench", abstract: "Measure this machine: the real store, on a file in a temporary folder or on a server.",
        discussion: """
            Scenarios:
            \(scenarios.map { "  \($0.name)\(String(repeating: " ", count: 16 - $0.name.count))\($0.summary)" }.joined(separator: "\n"))
            The folder is the system's temporary one; set TMPDIR to measure another disk.
            """)

    private static let scenarios: [any BenchScenario.Type] = [
        WholeLifeBench.self, DrainBench.self, TwoNodesBench.self, BulkEnqueueBench.self, SingleEnqueueBench.self, LatencyBench.self, StepsBench.self,
        ClaimBench.self,
        LogBytesBench.self, CommandBench.self, HTTPBench.self,
    ]

    @Argument(help: "The scenarios; all where none is named.") var names: [String] = []
    @Option(help: "How much of everything: 0.1 for a quick look.") var scale = 1.0
    @Option(help: "Measure the store of this server: postgres://… or redis://…. A place of its own is made there for each scenario, and removed.")
    var store: String?
    @Option(help: "Measure the http scenario against this server. It leaves jobs of kind \(Bench.kind) there that fail after a minute.") var http:
        String?
    @Option(help: "Connections of the http scenario.") var connections = 64
    @OptionGroup var output: OutputOptions

    func validate() throws {
        guard scale > 0, scale <= 1000 else { throw ValidationError("--scale must be above 0 and at most 1000") }
        guard (1...10_000).contains(connections) else { throw ValidationError("--connections must be from 1 to 10000") }
        let known = Self.scenarios.map { $0.name }
        if let unknown = names.first(where: { !known.contains($0) }) {
            let hint = NearestName.of(unknown, among: known).map { "; did you mean '\($0)'?" } ?? "; known are \(known.joined(separator: ", "))"
            throw ValidationError("'\(unknown)' is not a scenario\(hint)")
        }
    }

    func run() async throws {
        let terminal = Terminal.standard
        let address = try store.map { text in
            guard let address = StoreAddress(text, relativeTo: FilePaths.currentFolder), address.path == nil else {
                throw ValidationError("--store must be a postgres:// or redis:// URL; a file is measured without it")
            }
            return address
        }
        let bench = Bench(scale: scale, address: address, server: http, connections: connections)
        let wanted = names.isEmpty && http != nil ? [HTTPBench.name] : names
        let chosen = Self.scenarios.filter { wanted.isEmpty || wanted.contains($0.name) }
        var table = Table([.text("SCENARIO"), .text("FIGURE"), .number("VALUE"), .text("UNIT")])
        for scenario in chosen {
            if terminal.errorIsTerminal { terminal.live("measuring \(scenario.name): \(scenario.summary)") }
            for figure in try await scenario.init().run(bench) {
                if output.json { terminal.say(figure.json.description) }
                table.add([figure.scenario, figure.name, figure.text, figure.unit])
            }
        }
        if !output.json { terminal.say(table) }
    }
}
