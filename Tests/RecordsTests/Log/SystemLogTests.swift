import Database
import Foundation
import Logging
import MartletCore
import MartletTesting
import Testing

@testable import Records

@Suite(.timeLimit(.minutes(1)))
struct SystemLogTests {
    private func logger(_ category: String, _ buffer: LogBuffer) -> Logger {
        Logger(label: category) { LogSinkHandler(label: $0, sink: buffer, logLevel: .trace) }
    }

    private func with(
        _ engine: TestDatabase.Engine = .sqlite, retention: LogRetention = LogRetention(),
        _ body: @escaping @Sendable (SystemLog, LogBuffer, VirtualClock, TestDatabase) async throws -> Void
    ) async throws {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: 1))
        try await TestDatabase.with(engine) { test async throws in
            let buffer = LogBuffer(node: "n1", clock: clock)
            let log = SystemLog(buffer, in: test.database, retention: retention, environment: environment)
            try await body(log, buffer, clock, test)
        }
    }

    private func query(_ change: (inout LogQuery) -> Void) -> LogQuery {
        var query = LogQuery()
        change(&query)
        return query
    }

    @Test(
        "S2-11: A persistent log with filters by category, level and date, paging, single records and export", arguments: TestDatabase.Engine.allCases
    )
    func filters(engine: TestDatabase.Engine) async throws {
        try await with(engine) { log, buffer, clock, test async throws in
            let start = clock.now()
            for number in 1...20 {
                let logger = self.logger(number % 2 == 0 ? "git.sync" : "webhook", buffer)
                logger.log(level: number % 5 == 0 ? .error : .info, "number \(number)", metadata: ["n": "\(number)"])
                clock.advance(by: .seconds(1))
            }
            try await log.flush()
            // Another process, or this one after a restart, reads the same.
            let other = try await test.again()
            let reader = SystemLog(LogBuffer(node: "n2", clock: clock), in: other, environment: .system)
            func numbers(_ query: LogQuery) async throws -> [String] { try await reader.records(query).compactMap { $0.metadata["n"] } }
            #expect(try await numbers(query { $0.limit = 3 }) == ["20", "19", "18"])
            #expect(try await numbers(query { $0.level = .error }) == ["20", "15", "10", "5"])
            #expect(try await numbers(query { ($0.category, $0.level) = ("git.sync", .error) }) == ["20", "10"])
            #expect(try await numbers(query { $0.category = "git" }).count == 10)
            #expect(try await numbers(query { $0.category = "gi" }) == [])
            #expect(
                try await numbers(query { ($0.since, $0.until) = (start + .seconds(4), start + .seconds(6)) }) == ["6", "5"])
            let page = try await reader.records(query { ($0.order, $0.limit) = (.oldestFirst, 7) })
            let next = try await reader.records(query { ($0.order, $0.limit, $0.after) = (.oldestFirst, 7, page[6].sequence) })
            #expect(page.map(\.sequence) == Array(1...7) && next.map(\.sequence) == Array(8...14))
            let one = try #require(try await reader.record(5))
            #expect(
                one.message == "number 5" && one.level == .error && one.category == "webhook" && one.node == "n1" && one.at == start + .seconds(4))
            #expect(try await reader.record(21) == nil)
            var exported: [LogRecord] = []
            for try await page in reader.pages(query { $0.level = .error }) { exported += page }
            #expect(exported.map { $0.metadata["n"] } == ["5", "10", "15", "20"])
            await other.close()
        }
    }

    @Test("S2-12: The same in PostgreSQL, through pages of ten thousand records")
    func paging() async throws {
        try await with(.postgres) { log, buffer, _, _ async throws in
            let logger = self.logger("worker", buffer)
            for number in 0..<9_999 { logger.info("\(number)") }
            try await log.flush()
            var (after, seen, pages) = (0, 0, 0)
            while true {
                let records = try await log.records(query { ($0.order, $0.limit, $0.after, $0.category) = (.oldestFirst, 1000, after, "worker") })
                guard let last = records.last else { break }
                #expect(records.map(\.sequence) == Array((after + 1)...(after + records.count)))
                (after, seen, pages) = (last.sequence, seen + records.count, pages + 1)
            }
            #expect(seen == 9_999 && pages == 10)
        }
    }

    @Test("S2-13: What users do is found by who did it: a category of its own, a date, a single entry")
    func audit() async throws {
        try await with { log, buffer, clock, _ async throws in
            self.logger("audit.settings", buffer).notice("a setting was changed", metadata: ["user": "ann", "setting": "page-size"])
            self.logger("worker", buffer).notice("something else")
            clock.advance(by: .seconds(86_400))
            self.logger("audit.keys", buffer).notice("a key was revoked", metadata: ["user": "bob"])
            try await log.flush()
            let all = try await log.records(query { $0.category = "audit" })
            #expect(all.map { $0.metadata["user"] } == ["bob", "ann"])
            let today = try await log.records(query { ($0.category, $0.since) = ("audit", clock.now()) })
            #expect(today.map(\.message) == ["a key was revoked"])
            #expect(try await log.record(all[1].sequence)?.metadata == ["user": "ann", "setting": "page-size"])
        }
    }

    @Test("S2-14: Every process and every part of them is in one log, in one order", arguments: TestDatabase.Engine.allCases)
    func together(engine: TestDatabase.Engine) async throws {
        try await with(engine) { log, _, clock, test async throws in
            let parts = ["worker", "queue", "webhook", "vault.refresh", "git.sync"]
            try await withThrowingTaskGroup(of: Void.self) { group in
                for node in 0..<4 {
                    group.addTask {
                        let buffer = LogBuffer(node: "node \(node)", clock: clock)
                        let own = SystemLog(buffer, in: test.database, environment: .system)
                        for round in 0..<20 {
                            for part in parts { self.logger(part, buffer).warning("\(round)") }
                            try await own.flush()
                        }
                    }
                }
                try await group.waitForAll()
            }
            let records = try await log.records(query { ($0.level, $0.limit) = (.warning, 1000) })
            #expect(records.map(\.sequence) == (1...400).reversed())
            #expect(Set(records.map(\.node)).count == 4 && Set(records.map(\.category)) == Set(parts))
        }
    }

    @Test("A reader that reads on from the last number misses nothing, whoever writes at the same time")
    func tailing() async throws {
        try await with(.postgres) { log, _, clock, test async throws in
            try await withThrowingTaskGroup(of: Int.self) { group in
                for node in 0..<3 {
                    group.addTask {
                        let buffer = LogBuffer(node: "\(node)", clock: clock)
                        let own = SystemLog(buffer, in: test.database, environment: .system)
                        for round in 0..<100 {
                            self.logger("a", buffer).info("\(round)")
                            try await own.flush()
                        }
                        return 0
                    }
                }
                group.addTask {
                    var (after, seen) = (0, 0)
                    while seen < 300 {
                        let records = try await log.records(query { ($0.order, $0.after) = (.oldestFirst, after) })
                        if !records.isEmpty { #expect(records.map(\.sequence) == Array((after + 1)...(after + records.count))) }
                        (after, seen) = (records.last?.sequence ?? after, seen + records.count)
                    }
                    return seen
                }
                var most = 0
                for try await seen in group { most = max(most, seen) }
                #expect(most == 300)
            }
        }
    }

    @Test("Whoever logs never waits: what has no room is dropped, counted, and said once there is room again")
    func dropping() async throws {
        try await with { log, buffer, _, _ async throws in
            let logger = self.logger("loud", buffer)
            for number in 0..<(LogBuffer.capacity + 25) { logger.info("\(number)") }
            #expect(buffer.dropped == 25)
            try await log.flush()
            let newest = try await log.records(query { $0.limit = 2 })
            #expect(newest[0].message == "log records were dropped" && newest[0].metadata == ["count": "25"])
            #expect(newest[1].message == "\(LogBuffer.capacity - 1)")
            logger.info("after")
            try await log.flush()
            #expect(try await log.records(query { $0.limit = 1 })[0].message == "after")
            // Bounded by bytes too.
            let long: Logger.Metadata = ["a": "\(String(repeating: "x", count: 1024))", "b": "\(String(repeating: "y", count: 1024))"]
            for _ in 0..<LogBuffer.capacity { logger.info("\(String(repeating: "z", count: 1024))", metadata: long) }
            #expect(buffer.dropped > 25 + 4000)
        }
    }

    @Test("What cannot be written stays until the database is back")
    func outage() async throws {
        try await with { log, buffer, clock, test async throws in
            let logger = self.logger("a", buffer)
            try await test.database.write { try $0.run("ALTER TABLE records_log RENAME TO away") }
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await log.run() }
                logger.info("first")
                // The pruner's pause, and the writer's behind its failure.
                try await clock.waitForSleepers(2)
                logger.info("second")
                try await test.database.write { try $0.run("ALTER TABLE away RENAME TO records_log") }
                while try await log.records(LogQuery()).count < 2 {
                    clock.advance(by: .seconds(1))
                    await Task.yield()
                }
                group.cancelAll()
            }
            #expect(try await log.records(LogQuery()).map(\.message) == ["second", "first"])
        }
    }

    @Test("Retention by age and by count", arguments: TestDatabase.Engine.allCases)
    func retention(engine: TestDatabase.Engine) async throws {
        var retention = LogRetention()
        (retention.age, retention.count) = (.seconds(100), 15)
        try await with(engine, retention: retention) { log, buffer, clock, _ async throws in
            let logger = self.logger("a", buffer)
            for _ in 0..<10 { logger.info("old") }
            clock.advance(by: .seconds(60))
            for _ in 0..<20 { logger.info("new") }
            try await log.flush()
            #expect(try await log.prune() == false)
            #expect(try await log.records(LogQuery()).map(\.sequence) == (16...30).reversed())
            clock.advance(by: .seconds(41))
            _ = try await log.prune()
            #expect(try await log.records(LogQuery()).count == 15)
            clock.advance(by: .seconds(60))
            _ = try await log.prune()
            #expect(try await log.records(LogQuery()).isEmpty)
            // Numbers are never given twice.
            logger.info("next")
            try await log.flush()
            #expect(try await log.records(LogQuery()).map(\.sequence) == [31])
        }
    }

    @Test("Whatever is logged is kept in bounds and comes back as it was", arguments: TestDatabase.Engine.allCases)
    func hostile(engine: TestDatabase.Engine) async throws {
        try await with(engine) { log, buffer, _, _ async throws in
            var metadata: Logger.Metadata = ["quote": "'\"; DROP TABLE records_log; --", "nul": "a\0b", "lines": "a\nb\u{1F600}"]
            for number in 0..<100 { metadata["zz\(number)"] = "\(String(repeating: "é", count: 2000))" }
            self.logger("a\0b", buffer).info("x\0y \(String(repeating: "z", count: 10_000))", metadata: metadata)
            try await log.flush()
            let record = try #require(try await log.records(LogQuery()).first)
            #expect(record.category == "a\u{FFFD}b" && record.message.utf8.count <= 1026 && record.message.hasPrefix("x\u{FFFD}y z"))
            #expect(record.metadata.count == 32)
            #expect(record.metadata["quote"] == "'\"; DROP TABLE records_log; --" && record.metadata["nul"] == "a\u{FFFD}b")
            #expect(record.metadata["lines"] == "a\nb\u{1F600}" && record.metadata["zz0"]?.utf8.count == 1024)
        }
    }
}
