/// One thing that is measured. Each runs on a store of its own in a folder of its own, with stock settings.
protocol BenchScenario: Sendable {
    /// As it is called on the command line.
    static var name: String { get }
    /// What it does, in a line.
    static var summary: String { get }
    init()
    func run(_ bench: Bench) async throws -> [BenchFigure]
}
