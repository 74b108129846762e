import MartletTesting

/// The whole engine, several nodes of it, on one store in memory, under faults drawn from a seed. One seed is one run.
public enum Simulator {
    /// Executor steps after which a run is said to turn without end.
    private static let stepsMax = 3_000_000

    public static func run(seed: UInt64, _ options: SimulationOptions = .init()) -> SimulationReport {
        var maker = ScenarioMaker(seed: seed)
        var scenario = maker.make()
        scenario.noise.losesClaims = options.losesClaims
        let world = World(scenario: scenario, options: options)
        do {
            try world.executor.run(world.clock, stepsMax: stepsMax) { await Director(world: world).run() }
        } catch {
            world.auditor.report(.enginesReturn, "\(error)")
        }
        return SimulationReport(
            seed: seed, hash: world.trace.hash, violation: world.auditor.violation, trace: world.trace.lines,
            jobs: world.acknowledged.count, faults: world.faults, steps: world.executor.steps)
    }
}
