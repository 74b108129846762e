import Simulation
import Testing

@Suite struct SimulationTests {
    /// A small part of what `martlet-simulate --seeds 10000` runs.
    @Test(arguments: [1, 101, 201, 301] as [UInt64])
    func everyInvariantHoldsOnAHundredSeeds(from first: UInt64) {
        for seed in first..<first + 100 {
            let report = Simulator.run(seed: seed)
            #expect(report.holds, "\(report.summary); replay it: martlet-simulate --seed \(seed) --trace")
        }
    }

    @Test(arguments: [1, 7, 42, 257, 294] as [UInt64])
    func oneSeedIsOneTrace(_ seed: UInt64) {
        let first = Simulator.run(seed: seed, .init(keepsTrace: true))
        let second = Simulator.run(seed: seed, .init(keepsTrace: true))
        #expect(first.hash == second.hash)
        #expect(first.trace == second.trace)
        #expect(first.steps == second.steps)
        #expect(first.trace.count > 20)
        #expect(Simulator.run(seed: seed + 1).hash != first.hash)
    }

    @Test(arguments: Mutation.allCases)
    func aBrokenStoreIsCaught(_ mutation: Mutation) {
        let caught = (1...300).lazy.map { Simulator.run(seed: $0, .init(mutation: mutation)) }.first { !$0.holds }
        let violation = caught?.violation
        #expect(violation.map { mutation.breaks.contains($0.invariant) } == true, "\(caught?.summary ?? "nothing was noticed in 300 seeds")")
    }
}
