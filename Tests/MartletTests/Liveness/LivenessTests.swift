import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct LivenessTests {
    @Test("S3-6: a node that slept through its lease is cancelled, its late word is refused, and the job runs again elsewhere")
    func aNodeThatSleptThroughItsLeaseIsCancelledAndItsLateWordRefused() throws {
        let log = Log<String>()
        try Cluster.run(nodes: 2, concurrency: 1) { engine, lane, _ in
            engine.handle(Greet.self) { _, context in
                log.add("\(lane.name) begins")
                do {
                    try await context.environment.clock.sleep(for: .seconds(20))
                    log.add("\(lane.name) ends")
                } catch {
                    log.add("\(lane.name) is cancelled")
                    throw error
                }
            }
        } _: { cluster in
            let job = try await cluster.engines[0].enqueue(Greet())
            await cluster.pass(.seconds(1))
            let first = try #require(try await cluster.job(job.id).node)
            let lane = try #require(cluster.lanes.first { $0.name == first.name })
            lane.freeze()
            await cluster.pass(.seconds(15))
            let second = try await cluster.job(job.id)
            #expect(second.phase == .running)
            #expect(second.node != first)
            #expect(second.epoch == 2)
            #expect(second.deaths == 1)
            lane.thaw()
            let end = try await cluster.finished(job.id)
            #expect(end.outcome == .succeeded)
            #expect(end.node != first)
            let other = try #require(end.node)
            #expect(log.entries == ["\(first) begins", "\(other) begins", "\(first) is cancelled", "\(other) ends"])
        }
    }

    @Test func aNodeThatCannotReachTheStoreForAWholeLeaseStopsItsJobs() throws {
        let isAway = Log<Bool>()
        let cancelled = Log<Duration>()
        try TestEngine.run(through: { memory, _ in
            HookedStore(base: memory) { _, _ throws(StoreError) in
                if isAway.entries.last == true { throw .unavailable(reason: "away", mayHaveHappened: false) }
            }
        }) { engine in
            engine.handle(Greet.self) { _, context in
                do {
                    try await context.environment.clock.sleep(for: .seconds(300))
                } catch {
                    cancelled.add(context.environment.clock.uptime())
                    throw error
                }
            }
        } _: { test in
            let job = try await test.enqueue(Greet())
            await test.pass(.seconds(4))
            isAway.add(true)
            await test.pass(.seconds(20))
            #expect(cancelled.count == 1)
            #expect(cancelled.entries[0] < .seconds(4) + test.engine.configuration.leaseDuration + test.engine.configuration.heartbeat * 2)
            isAway.add(false)
            #expect(try await test.finished(job.id).outcome == .succeeded)
            #expect(try await test.job(job.id).epoch == 2)
        }
    }

    @Test func aJobOfAKindNobodyKnowsIsLeftAloneUntilSomebodyDoes() throws {
        try Cluster.run(nodes: 1) { engine, _, _ in
            engine.handle(Greet.self) { _, _ in }
        } _: { cluster in
            let job = try await cluster.engines[0].enqueue(Other())
            await cluster.pass(.seconds(3600))
            let left = try await cluster.job(job.id)
            #expect(left.phase == .ready)
            #expect(left.attempt == 0)
            #expect(left.epoch == 0)
        }
    }

    @Test func theJobThatKillsItsNodesIsQuarantinedAndThoseBesideItAreNot() throws {
        let victims = Log<(name: String, at: Duration)>()
        try Cluster.run(nodes: 4) { engine, lane, clock in
            engine.handle(Greet.self) { _, context in
                victims.add((lane.name, clock.uptime()))
                lane.freeze()
                try await context.environment.clock.sleep(for: .seconds(1))
            }
            engine.handle(Other.self) { _, context in try await context.environment.clock.sleep(for: .seconds(8)) }
        } _: { cluster in
            let innocents = try await cluster.engines[0].enqueue((0..<3).map { try cluster.engines[0].prepare(Other(number: $0)) })
            let poison = try await cluster.engines[0].enqueue(Greet())
            let end = try await cluster.finished(poison.id)
            #expect(end.outcome == .failed)
            #expect(end.error?.kind == "crashed")
            #expect(end.deaths == Quarantine.crashesMax)
            #expect(Set(victims.entries.map(\.name)).count == 3)
            // Each death is noticed when the lease is over, and not when some longer word of an idle node is.
            for (number, victim) in victims.entries.enumerated() { #expect(victim.at <= .seconds(13 * number)) }
            for innocent in innocents { #expect(try await cluster.finished(innocent.id).outcome == .succeeded) }
        }
    }

    @Test func twoSuspectsNeverShareANode() throws {
        let running = Log<Int>()
        try Cluster.run(nodes: 3, concurrency: 8) { engine, _, _ in
            engine.handle(Other.self) { _, context in
                running.add(1)
                try await context.environment.clock.sleep(for: .seconds(5))
            }
        } _: { cluster in
            let jobs = try await cluster.engines[0].enqueue((0..<2).map { try cluster.engines[0].prepare(Other(number: $0)) })
            for _ in 0..<2 {
                await cluster.pass(.seconds(1))
                // Both at once lose the node that holds them.
                for lane in cluster.lanes { lane.freeze() }
                await cluster.pass(.seconds(15))
                for lane in cluster.lanes { lane.thaw() }
            }
            await cluster.pass(.seconds(1))
            let nodes = try await [cluster.job(jobs[0].id), cluster.job(jobs[1].id)].filter { $0.phase == .running && $0.isSuspect }.map(\.node)
            #expect(Set(nodes).count == nodes.count)
            for job in jobs { #expect(try await cluster.finished(job.id).outcome == .succeeded) }
        }
    }
}
