import MartletCore
import MartletTesting
import Synchronization
import Testing

@Suite struct SeededExecutorTests {
    private final class Tally: Sendable {
        private let state = Mutex(0)

        func add(_ more: Int) { state.withLock { $0 += more } }
        var count: Int { state.withLock { $0 } }
    }

    private static func order(_ seed: UInt64) throws -> [Int] {
        let clock = VirtualClock()
        return try SeededExecutor(seed: seed).run(clock) {
            await withTaskGroup(of: Int.self) { group in
                for number in 0..<8 {
                    group.addTask {
                        await Task.yield()
                        return number
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
    }

    @Test func oneSeedIsOneOrderAndAnotherSeedAnother() throws {
        let orders = try (1...20).map { try Self.order($0) }
        for (index, order) in orders.enumerated() { #expect(try Self.order(UInt64(index + 1)) == order) }
        #expect(Set(orders).count > 10)
    }

    @Test func whatWaitsForWhatNobodyDoesIsADeadlock() {
        let clock = VirtualClock()
        #expect(throws: SeededExecutorError.deadlock(at: .seconds(2))) {
            try SeededExecutor(seed: 1).run(clock) {
                await clock.pass(.seconds(2))
                let (stream, continuation) = AsyncStream.makeStream(of: Int.self)
                for await _ in stream {}
                continuation.finish()
            }
        }
    }

    @Test func aLoopThatNeverWaitsIsStopped() {
        let clock = VirtualClock()
        #expect(throws: SeededExecutorError.tooManySteps(1000, at: .zero)) {
            try SeededExecutor(seed: 1).run(clock, stepsMax: 1000) {
                while !Task.isCancelled { await Task.yield() }
            }
        }
    }

    @Test func aFrozenLaneStandsStillAndGoesOnWhereItStood() throws {
        let clock = VirtualClock()
        let executor = SeededExecutor(seed: 1)
        let lane = executor.makeLane("process")
        let ticks = try executor.run(clock) {
            await withTaskGroup(of: [Duration].self) { group in
                group.addTask(executorPreference: lane) {
                    var ticks: [Duration] = []
                    for _ in 0..<3 {
                        await clock.pass(.seconds(1))
                        ticks.append(clock.uptime())
                    }
                    return ticks
                }
                await clock.pass(.milliseconds(1500))
                lane.freeze()
                await clock.pass(.seconds(10))
                lane.thaw()
                return await group.next() ?? []
            }
        }
        #expect(ticks == [.seconds(1), .milliseconds(11_500), .milliseconds(12_500)])
    }

    @Test func idleReturnsWhenEverythingOfAnInstantHasHappened() throws {
        let clock = VirtualClock()
        let executor = SeededExecutor(seed: 5)
        let done = Tally()
        try executor.run(clock) {
            await withTaskGroup(of: Void.self) { group in
                for _ in 0..<10 {
                    group.addTask {
                        for _ in 0..<5 { await Task.yield() }
                        done.add(1)
                    }
                }
                await executor.idle()
                #expect(done.count == 10)
                #expect(clock.uptime() == .zero)
            }
        }
    }
}
