import Foundation
import MartletCore
import ProcessPool

extension ProcessPoolTests {
    /// A pool that runs while `body` does.
    func withPool<Value: Sendable>(
        clock: any EngineClock = SystemClock(), variables: [String: String]? = nil, _ body: @Sendable (CommandPool) async throws -> Value
    ) async throws -> Value {
        let environment = MartletCore.Environment(clock: clock, random: SystemRandom())
        let pool =
            if let variables { CommandPool(environment: environment, server: { variables[$0] }) } else { CommandPool(environment: environment) }
        return try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { await pool.run() }
            defer { pool.stop() }
            return try await body(pool)
        }
    }

    /// A command that runs a line of shell.
    func shell(_ line: String, _ change: (inout CommandSpec) -> Void = { _ in }) -> CommandSpec {
        command(["/bin/sh", "-c", line], change)
    }

    func command(_ arguments: [String], _ change: (inout CommandSpec) -> Void = { _ in }) -> CommandSpec {
        var spec = CommandSpec(kind: "test", arguments: arguments, workingDirectory: "/")
        change(&spec)
        return spec
    }

    func attempt(_ payload: Payload = .emptyObject) -> CommandRun {
        CommandRun(
            payload: payload, job: JobID(high: 0x0190_0000_0000_7000, low: 0x8000_0000_0000_0001), kind: "test", queue: "media", tenant: "acme",
            attempt: 2, epoch: 5)
    }

    /// Runs one command in a pool of its own.
    func run(_ spec: CommandSpec, _ run: CommandRun? = nil, recorder: Recorder = Recorder()) async throws -> CommandResult {
        try await withPool { try await $0.execute(spec, run ?? attempt(), sink: recorder.take) }
    }

    /// A folder that is removed after `body`.
    func withFolder<Value>(_ body: (String) async throws -> Value) async throws -> Value {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("martlet-\(Environment.system.makeJobID())").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer {
            do { try FileManager.default.removeItem(atPath: folder) } catch { preconditionFailure("\(error)") }
        }
        return try await body(folder)
    }
}
