import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct PrunerTests {
    private static let retention = Duration.seconds(3600)

    @Test("S3-5: whoever removes old jobs dies, and another does it within one interval", arguments: [0, 1])
    func anotherTakesOver(dead: Int) throws {
        try Cluster.run(nodes: 2) { engine, _, _ in
            engine.handle(Greet.self) { _, _ in }
        } _: { cluster in
            var policy = QueuePolicy()
            policy.retention = Self.retention
            _ = try await cluster.memory.set("default", .policy(policy))
            let interval = cluster.engines[0].configuration.pruneInterval
            let old = try await cluster.engines[0].enqueue(Greet())
            _ = try await cluster.finished(old.id)
            await cluster.pass(Self.retention - .seconds(1))
            #expect(try await cluster.memory.job(old.id) != nil)
            cluster.lanes[dead].freeze()
            await cluster.pass(interval + .seconds(2))
            #expect(try await cluster.memory.job(old.id) == nil)
            #expect(try await cluster.memory.overview().queues.first?.counts.total == 0)
        }
    }

    @Test("S3-5: while nobody removes anything nothing is lost; it is caught up with when somebody is back")
    func nobody() throws {
        try Cluster.run(nodes: 2) { engine, _, _ in
            engine.handle(Greet.self) { _, _ in }
        } _: { cluster in
            var policy = QueuePolicy()
            policy.retention = Self.retention
            _ = try await cluster.memory.set("default", .policy(policy))
            let old = try await cluster.engines[0].enqueue(Greet())
            _ = try await cluster.finished(old.id)
            for lane in cluster.lanes { lane.freeze() }
            await cluster.pass(Self.retention * 2)
            #expect(try await cluster.memory.job(old.id) != nil)
            cluster.lanes[1].thaw()
            await cluster.pass(cluster.engines[0].configuration.pruneInterval + .seconds(2))
            #expect(try await cluster.memory.job(old.id) == nil)
        }
    }
}
