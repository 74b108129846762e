import MartletCore

/// How long a claim takes where much is ready.
struct ClaimBench: BenchScenario {
    static let name = "claim"
    static let summary = "a claim of 100, with 50 000 ready jobs of 1000 tenants (at --scale 20, 1 000 000 of 10 000)"

    /// Of how many tenants so many jobs are.
    private static func tenants(of count: Int) -> Int { min(10_000, max(1, count / 50)) }

    func run(_ bench: Bench) async throws -> [BenchFigure] {
        let count = bench.amount(50_000)
        let tenants = Self.tenants(of: count)
        let waits = try await bench.withStore { store in
            try await bench.enqueue(count, in: store) { number in
                var job = bench.job()
                job.tenant = "tenant-\(number % tenants)"
                return job
            }
            let plan = ClaimPlan(node: NodeID("bench"), kinds: [Bench.kind], limit: 100)
            var waits: [Duration] = []
            for _ in 0..<min(200, max(1, count / 200)) {
                waits.append(try await bench.time { _ = try await store.claim(plan) })
            }
            return waits
        }
        return Quantiles(waits).figures(Self.name)
    }
}
