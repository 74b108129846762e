import MartletCore
import MartletTesting
import Synchronization
import Testing

@Suite struct VirtualClockTests {
    @Test func sleepersWakeInTheOrderOfTheirTimes() throws {
        let clock = VirtualClock()
        let order = try SeededExecutor(seed: 3).run(clock) {
            await withTaskGroup(of: Int.self) { group in
                for delay in [30, 10, 20] {
                    group.addTask {
                        await clock.pass(.seconds(delay))
                        return delay
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
        }
        #expect(order == [10, 20, 30])
        #expect(clock.uptime() == .seconds(30))
        #expect(clock.now() == VirtualClock.defaultStart + .seconds(30))
    }

    @Test func aCancelledSleepEndsAtOnce() throws {
        let clock = VirtualClock()
        try SeededExecutor(seed: 1).run(clock) {
            await withTaskGroup(of: Bool.self) { group in
                group.addTask {
                    do {
                        try await clock.sleep(for: .seconds(3600))
                        return false
                    } catch {
                        return error is CancellationError
                    }
                }
                await clock.pass(.seconds(1))
                group.cancelAll()
                #expect(await group.next() == true)
            }
        }
        #expect(clock.uptime() == .seconds(1))
        #expect(clock.sleepers == 0)
    }

    @Test func aTestCanWaitUntilSomebodySleepsAndThenMoveTheClock() async throws {
        let clock = VirtualClock()
        async let woken: Void = clock.sleep(for: .seconds(5))
        try await clock.waitForSleepers()
        #expect(clock.untilNextSleeper == .seconds(5))
        clock.advance(by: .seconds(4))
        #expect(clock.sleepers == 1)
        #expect(clock.advanceToNextSleeper())
        try await woken
        #expect(clock.uptime() == .seconds(5))
        #expect(!clock.advanceToNextSleeper())
    }

    @Test func theWallClockJumpsWithoutTimePassing() {
        let clock = VirtualClock(start: .epoch)
        clock.stepWall(by: .seconds(3600))
        clock.advance(by: .seconds(1))
        clock.stepWall(by: .seconds(-1800))
        #expect(clock.now() == .epoch + .seconds(1801))
        #expect(clock.uptime() == .seconds(1))
    }
}
