import Database
import MartletCore
import MartletTesting
import Testing

@testable import Records

@Suite(.timeLimit(.minutes(1)))
struct SettingsLifeTests {
    private static let delay = Setting("delay", default: 1)

    @Test("S4-15: how long settings are read from memory is said by whoever makes them", arguments: [1, 10, 3600])
    func life(seconds: Int) async throws {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: 1))
        try await TestDatabase.with { test async throws in
            let settings = Settings(in: test.database, keptFor: .seconds(seconds), environment: environment)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await settings.run() }
                defer { group.cancelAll() }
                let channel = SettingScope.entity("channel-7", tenant: "guild-1")
                try await settings.set(Self.delay, to: 5, for: channel)
                #expect(try await settings.value(of: Self.delay, for: channel) == 5)
                // Past everybody: nobody hears of it.
                try await test.database.write { try $0.run("UPDATE records_settings SET value = '7'") }
                clock.advance(by: .seconds(seconds) - .milliseconds(1))
                #expect(try await settings.value(of: Self.delay, for: channel) == 5)
                clock.advance(by: .milliseconds(2))
                #expect(try await settings.value(of: Self.delay, for: channel) == 7)
            }
        }
    }

    @Test("S4-13: a batch of any length reads the settings of a channel from the database once")
    func once() async throws {
        let environment = Environment(clock: VirtualClock(), random: SeededRandom(seed: 1))
        try await TestDatabase.with { test async throws in
            let settings = Settings(in: test.database, environment: environment)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await settings.run() }
                defer { group.cancelAll() }
                try await withThrowingTaskGroup(of: Int.self) { batch in
                    for number in 0..<500 {
                        batch.addTask {
                            try await settings.value(of: Self.delay, for: .entity("channel-\(number % 5)", tenant: "guild-1"))
                        }
                    }
                    for try await value in batch { #expect(value == 1) }
                }
                // One for each channel, and one for the guild that they are all of.
                #expect(settings.statistics.computations == 6)
            }
        }
    }
}
