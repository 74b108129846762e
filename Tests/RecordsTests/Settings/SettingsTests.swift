import Database
import MartletCore
import MartletTesting
import Testing

@testable import Records

@Suite(.timeLimit(.minutes(1)))
struct SettingsTests {
    private struct Theme: Codable, Hashable { var name: String, isDark: Bool }

    private static let pageSize = Setting("page-size", default: 50) { (10...500).contains($0) ? nil : "must be from 10 to 500" }
    private static let theme = Setting("theme", default: Theme(name: "plain", isDark: false))

    private let tenant = SettingScope.tenant("acme")
    private let entity = SettingScope.entity("ann", tenant: "acme")

    /// As many processes as wanted, on a clock that stands still unless moved.
    private func with(
        _ engine: TestDatabase.Engine = .sqlite, count: Int = 1,
        _ body: @escaping @Sendable ([Settings], TestDatabase, VirtualClock) async throws -> Void
    ) async throws {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: 1))
        try await TestDatabase.with(engine) { test async throws in
            let all = (0..<count).map { _ in Settings(in: test.database, environment: environment) }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for settings in all { group.addTask { await settings.run() } }
                defer { group.cancelAll() }
                try await body(all, test, clock)
            }
        }
    }

    @Test("The nearest layer counts, and taking one back lets the next one count", arguments: TestDatabase.Engine.allCases)
    func layers(engine: TestDatabase.Engine) async throws {
        try await with(engine) { all, _, _ async throws in
            let settings = all[0]
            #expect(try await settings.value(of: Self.pageSize, for: entity) == 50)
            try await settings.set(Self.pageSize, to: 100, for: tenant)
            #expect(try await settings.value(of: Self.pageSize, for: entity) == 100)
            try await settings.set(Self.pageSize, to: 20, for: entity)
            try await settings.set(Self.theme, to: Theme(name: "night", isDark: true), for: entity)
            #expect(try await settings.value(of: Self.pageSize, for: entity) == 20)
            #expect(try await settings.value(of: Self.pageSize, for: .entity("bob", tenant: "acme")) == 100)
            #expect(try await settings.value(of: Self.pageSize, for: .entity("ann", tenant: "other")) == 50)
            #expect(try await settings.value(of: Self.theme, for: entity) == Theme(name: "night", isDark: true))
            let origin = try await settings.origin(of: Self.pageSize, for: entity)
            #expect(origin.value == 20 && origin.layer == entity)
            try await settings.remove(Self.pageSize, for: entity)
            let next = try await settings.origin(of: Self.pageSize, for: entity)
            #expect(next.value == 100 && next.layer == tenant)
            try await settings.removeAll(for: tenant)
            let last = try await settings.origin(of: Self.pageSize, for: entity)
            #expect(last.value == 50 && last.layer == nil)
            #expect(try await settings.stored(in: entity) == ["theme": #"{"isDark":true,"name":"night"}"#])
        }
    }

    @Test(
        "S4-13, S4-14: Read from memory for five minutes, and a write is heard by every process within a second",
        arguments: TestDatabase.Engine.allCases)
    func caching(engine: TestDatabase.Engine) async throws {
        try await with(engine, count: 2) { all, test, clock async throws in
            for settings in all { #expect(try await settings.value(of: Self.pageSize, for: tenant) == 50) }
            for _ in 0..<10 { _ = try await all[1].value(of: Self.pageSize, for: tenant) }
            #expect(all[1].statistics.computations == 1)
            try await all[0].set(Self.pageSize, to: 60, for: tenant)
            #expect(try await all[0].value(of: Self.pageSize, for: tenant) == 60)
            clock.advance(by: .milliseconds(1001))
            #expect(try await all[1].value(of: Self.pageSize, for: tenant) == 60)
            // Past everybody: what nobody told of is read again after five minutes.
            try await test.database.write { try $0.run("UPDATE records_settings SET value = '70'") }
            clock.advance(by: .seconds(299))
            #expect(try await all[1].value(of: Self.pageSize, for: tenant) == 60)
            clock.advance(by: .seconds(2))
            #expect(try await all[1].value(of: Self.pageSize, for: tenant) == 70)
        }
    }

    @Test("A value that is not allowed is refused, and nothing is written")
    func refusals() async throws {
        try await with { all, _, _ async throws in
            let settings = all[0]
            await #expect(throws: SettingsError.invalid(setting: "page-size", reason: "must be from 10 to 500")) {
                try await settings.set(Self.pageSize, to: 5, for: tenant)
            }
            let long = Setting("note", default: "")
            await #expect(throws: SettingsError.self) {
                try await settings.set(long, to: String(repeating: "x", count: Settings.valueBytes), for: tenant)
            }
            for scope in [SettingScope.tenant(""), .tenant("a\nb"), .entity("", tenant: "a"), .entity("a", tenant: "\0")] {
                await #expect(throws: SettingsError.self) { try await settings.set(Self.pageSize, to: 50, for: scope) }
                await #expect(throws: SettingsError.self) { try await settings.value(of: Self.pageSize, for: scope) }
            }
            #expect(try await settings.stored(in: tenant).isEmpty)
        }
    }

    @Test("What another version has stored in another form is said, and not taken for the default")
    func unreadable() async throws {
        try await with { all, _, _ async throws in
            try await all[0].set(Setting("page-size", default: "many"), to: "few", for: tenant)
            await #expect(throws: SettingsError.unreadable(setting: "page-size", scope: tenant)) {
                try await all[0].value(of: Self.pageSize, for: entity)
            }
        }
    }

    @Test("Names cannot run into each other: the tenant's length stands before it")
    func names() {
        #expect(SettingScope.entity("b/c", tenant: "a").key != SettingScope.entity("c", tenant: "a/b").key)
        #expect(SettingScope.tenant("a").key != SettingScope.entity("a", tenant: "a").key)
    }

    @Test("Two that write at the same instant leave one of the two values, in every process")
    func contention() async throws {
        try await with(.postgres, count: 2) { all, _, clock async throws in
            try await withThrowingTaskGroup(of: Void.self) { group in
                for number in 0..<20 { group.addTask { try await all[number % 2].set(Self.pageSize, to: 10 + number, for: tenant) } }
                try await group.waitForAll()
            }
            clock.advance(by: .seconds(2))
            let values = [try await all[0].value(of: Self.pageSize, for: tenant), try await all[1].value(of: Self.pageSize, for: tenant)]
            #expect(values[0] == values[1] && (10..<30).contains(values[0]))
        }
    }
}
