import Martlet
import MartletCore
import Testing

@Suite("A copy between every two sorts of store", .timeLimit(.minutes(10)), .serialized)
struct StorePairTests {
    @Test(arguments: Place.Sort.allCases, Place.Sort.allCases) func `everything stands at the target as it stood at the source, and works there`(
        _ from: Place.Sort, _ to: Place.Sort
    )
        async throws
    {
        try await Place.with(from) { source in
            try await Place.with(to) { target in
                let scene = SourceScene(store: source, environment: .system)
                try await scene.fill(plain: 1200)
                var options = StoreCopy.Options()
                let report = try await StoreCopy(from: source, to: target, options: options, environment: .system).run()
                #expect(report.copied == report.jobs)
                #expect(try await Oracle(store: source).differences(to: Oracle(store: target)) == [])
                options.startsTarget = true
                #expect(try await StoreCopy(from: source, to: target, options: options, environment: .system).run().copied == 0)
                try await work(target)
            }
        }
    }

    /// Events, children and turns still set free what waits for them.
    private func work(_ target: any Store) async throws {
        _ = try await target.append([NewEvent(stream: "orders", type: "paid", data: .null)])
        while true {
            let claimed = try await target.claim(ClaimPlan(node: NodeID("new"), kinds: nil, limit: 500)).jobs
            if claimed.isEmpty { break }
            _ = try await target.settle(claimed.map { Settlement($0.lease, .succeeded(result: nil)) })
        }
        let counts = try await target.overview().queues.filter { $0.name == "default" || $0.name == "waiting" }.map(\.counts)
        // Left are the wait with a deadline, and nothing that could run.
        #expect(counts.map { [$0.ready, $0.running, $0.waiting] } == [[0, 0, 0], [0, 0, 1]])
        let parents = try await Oracle(store: target).details().filter { $0.job.kind == "parent" }
        #expect(Set(parents.flatMap(\.steps).map(\.name)) == ["paid", "all"])
        let children = WaitResult.children(succeeded: 2, failed: 1, cancelled: 0).payload
        #expect(parents.flatMap(\.steps).first { $0.name == "all" }?.result == children)
    }
}
