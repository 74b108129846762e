import Martlet
import MartletCore
import MartletTesting
import Testing

@Suite struct LeaseTests {
    @Test(arguments: 1...8 as ClosedRange<UInt64>) func holdersTakeTurnsAndTheirEpochsGrow(seed: UInt64) throws {
        let log = Log<(holder: Int, epoch: Int, isEntry: Bool)>()
        try Cluster.run(nodes: 3, seed: seed) { _, _, _ in
        } _: { cluster in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<9 {
                    let engine = cluster.engines[number % 3]
                    group.addTask {
                        try await engine.withLease("ledger") { lease in
                            log.add((number, lease.epoch, true))
                            try await engine.environment.clock.sleep(for: .milliseconds(300))
                            log.add((number, lease.epoch, false))
                        }
                    }
                }
                await cluster.pass(.seconds(30))
                try await group.waitForAll()
            }
        }
        let entries = log.entries
        #expect(entries.count == 18)
        for index in stride(from: 0, to: entries.count, by: 2) {
            #expect(entries[index].isEntry && !entries[index + 1].isEntry && entries[index].holder == entries[index + 1].holder)
        }
        let epochs = entries.filter(\.isEntry).map(\.epoch)
        #expect(epochs == epochs.sorted() && Set(epochs).count == 9)
    }

    @Test func aLeaseIsExtendedForAsLongAsItsBodyRuns() throws {
        try Cluster.run(nodes: 2) { _, _, _ in
        } _: { cluster in
            let first = Log<Int>()
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await cluster.engines[0].withLease("long", for: .seconds(3)) { lease in
                        try await cluster.clock.sleep(for: .seconds(60))
                        first.add(lease.epoch)
                    }
                }
                await cluster.pass(.seconds(1))
                await #expect(throws: LeaseError.self) {
                    try await cluster.engines[1].withLease("long", waiting: .zero) { _ in }
                }
                group.addTask {
                    let epoch = try await cluster.engines[1].withLease("long") { $0.epoch }
                    #expect(cluster.clock.uptime() >= .seconds(60))
                    #expect(epoch > (first.entries.first ?? .max))
                }
                await cluster.pass(.seconds(70))
                try await group.waitForAll()
            }
            #expect(first.count == 1)
        }
    }

    @Test func aHolderThatSleptThroughItsLeaseIsCancelledAndTold() throws {
        let log = Log<String>()
        try Cluster.run(nodes: 2) { _, _, _ in
        } _: { cluster in
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask(executorPreference: cluster.lanes[0]) {
                    do {
                        try await cluster.engines[0].withLease("ledger", for: .seconds(3)) { lease in
                            log.add("first \(lease.epoch)")
                            try await cluster.clock.sleep(for: .seconds(100))
                            log.add("first ends")
                        }
                    } catch LeaseError.lost(let lease) {
                        log.add("lost \(lease.epoch)")
                    }
                }
                await cluster.pass(.seconds(1))
                cluster.lanes[0].freeze()
                group.addTask(executorPreference: cluster.lanes[1]) {
                    try await cluster.engines[1].withLease("ledger", for: .seconds(30)) { lease in
                        log.add("second \(lease.epoch)")
                        try await cluster.clock.sleep(for: .seconds(20))
                        log.add("second ends")
                    }
                }
                await cluster.pass(.seconds(10))
                cluster.lanes[0].thaw()
                await cluster.pass(.seconds(30))
                try await group.waitForAll()
            }
        }
        #expect(log.entries == ["first 1", "second 2", "lost 1", "second ends"])
    }

    @Test func aCancelledHolderGivesItsLeaseBackAtOnce() throws {
        try Cluster.run(nodes: 1) { _, _, _ in
        } _: { cluster in
            let engine = cluster.engines[0]
            await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await engine.withLease("ledger", for: .seconds(600)) { _ in try await cluster.clock.sleep(for: .seconds(500)) } }
                await cluster.pass(.seconds(1))
                group.cancelAll()
                await #expect(throws: CancellationError.self) { try await group.waitForAll() }
            }
            await cluster.pass(.milliseconds(1))
            let epoch = try await engine.withLease("ledger", waiting: .zero) { $0.epoch }
            #expect(epoch == 2)
        }
    }

    @Test func aGreedyHolderDoesNotStarveTheOthers() throws {
        let turns = Log<String>()
        try Cluster.run(nodes: 2) { _, _, _ in
        } _: { cluster in
            await withTaskGroup(of: Void.self) { group in
                group.addTask {
                    // It comes back the moment it has given the lease back, for ever.
                    while !Task.isCancelled {
                        do {
                            try await cluster.engines[0].withLease("ledger") { _ in
                                turns.add("greedy")
                                try await cluster.clock.sleep(for: .milliseconds(50))
                            }
                        } catch { return }
                    }
                }
                await cluster.pass(.seconds(1))
                for number in 0..<6 {
                    group.addTask {
                        do {
                            try await cluster.engines[1].withLease("ledger") { _ in turns.add("modest \(number)") }
                        } catch { return }
                    }
                }
                await cluster.pass(.seconds(10))
                group.cancelAll()
            }
        }
        #expect(Set(turns.entries).count == 7)
    }
}
