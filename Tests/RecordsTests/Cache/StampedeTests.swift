import Foundation
import Glibc
import MartletCore
import Testing

@testable import Records

/// Five processes on one store and one database, each with two hundred callers of the same cold key.
@Suite(.timeLimit(.minutes(4)), .serialized)
struct StampedeTests {
    private func with(
        _ engine: TestDatabase.Engine, count: Int = 5, callers: Int = 200, seconds: Int, heedless: Set<Int> = [],
        _ body: @escaping @Sendable (TestDatabase, [ProbeProcess]) async throws -> Void
    ) async throws {
        try await TestDatabase.with(engine) { test async throws in
            let probes = try (0..<count).map {
                try ProbeProcess(
                    ["cache", test.url, "\(test.folder)/store.db", "key", "\(callers)", "\(seconds)", "\(test.folder)/journal"]
                        + (heedless.contains($0) ? ["heedless"] : []))
            }
            defer { for probe in probes { probe.end() } }
            for probe in probes { try await probe.line("ready") }
            try await body(test, probes)
        }
    }

    private func journal(_ test: TestDatabase) throws -> [String] {
        try String(contentsOfFile: "\(test.folder)/journal", encoding: .utf8).split(separator: "\n").map(String.init)
    }

    @Test("S2-25: A thousand callers in five processes, one computation", arguments: TestDatabase.Engine.allCases)
    func stampede(engine: TestDatabase.Engine) async throws {
        try await with(engine, seconds: 1) { test, probes async throws in
            for probe in probes { try probe.go() }
            var reports: [String] = []
            for probe in probes { reports.append(try await probe.line("got")) }
            let winners = try journal(test)
            #expect(winners.count == 1)
            for report in reports { #expect(report.hasPrefix("got 200 x value of \(winners[0]);"), "\(report)") }
        }
    }

    @Test("S2-26: Also where it takes sixty seconds, far longer than its lease")
    func longComputation() async throws {
        try await with(.sqlite, seconds: 60) { test, probes async throws in
            for probe in probes { try probe.go() }
            var reports: [String] = []
            for probe in probes { reports.append(try await probe.line("got")) }
            let winners = try journal(test)
            #expect(winners.count == 1)
            for report in reports { #expect(report.hasPrefix("got 200 x value of \(winners[0]);"), "\(report)") }
        }
    }

    @Test("S2-25: The process that computes dies: exactly one successor", arguments: TestDatabase.Engine.allCases)
    func death(engine: TestDatabase.Engine) async throws {
        try await with(engine, seconds: 2) { test, probes async throws in
            // The first has begun before the others come, so it is known whom to kill.
            try probes[0].go()
            try await probes[0].line("computing")
            for probe in probes[1...] { try probe.go() }
            probes[0].end()
            var reports: [String] = []
            for probe in probes[1...] { reports.append(try await probe.line("got")) }
            let computers = try journal(test)
            #expect(computers.count == 2 && computers[0] == "\(probes[0].number)")
            for report in reports { #expect(report.hasPrefix("got 200 x value of \(computers[1]);"), "\(report)") }
        }
    }

    @Test("S2-52: A holder that is stopped past its lease and goes on: its late write is refused", arguments: TestDatabase.Engine.allCases)
    func lateWrite(engine: TestDatabase.Engine) async throws {
        try await with(engine, count: 2, seconds: 1, heedless: [0]) { test, probes async throws in
            try probes[0].go()
            try await probes[0].line("computing")
            probes[0].signal(SIGSTOP)
            try probes[1].go()
            let successor = "value of \(probes[1].number)"
            #expect(try await probes[1].line("got") == "got 200 x \(successor); computations 1, refused 0")
            probes[0].signal(SIGCONT)
            // Its callers get what stands, not what came too late.
            let report = try await probes[0].line("got")
            // Its write is refused, or is not tried where the process hears of its lost lease first. That a tried one is refused: S2-49.
            #expect(["0", "1"].map { "got 200 x \(successor); computations 1, refused \($0)" }.contains(report), "\(report)")
            let shared = SharedValues(cache: "probe", database: test.database, environment: .system)
            #expect(try await shared.read("key")?.value == Array(successor.utf8))
        }
    }

    @Test("H2-3: A holder that dies leaves no lock for ever, and nobody takes one from a holder that lives")
    func noEternalLock() async throws {
        try await with(.sqlite, count: 3, callers: 1, seconds: 2) { test, probes async throws in
            for round in 0..<2 {
                try probes[round].go()
                try await probes[round].line("computing")
                // Comes while it is held, and would have it if it could be taken.
                if round == 0 { probes[round].end() }
            }
            try probes[2].go()
            #expect(try await probes[1].line("got") == "got 1 x value of \(probes[1].number); computations 1, refused 0")
            #expect(try await probes[2].line("got") == "got 1 x value of \(probes[1].number); computations 0, refused 0")
            #expect(try journal(test).count == 2)
        }
    }
}
