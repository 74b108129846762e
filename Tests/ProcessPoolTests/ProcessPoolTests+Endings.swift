import Foundation
import Glibc
import MartletCore
import Testing

@testable import ProcessPool

extension ProcessPoolTests {
    /// A grandchild in the background that holds the probe open, then a line that says so, then `rest`.
    private func family(_ probe: LivenessProbe, then rest: String, own: String = "") -> CommandSpec {
        shell("\(own) sleep 1000 3>'\(probe.path)' >/dev/null 2>&1 & \(rest)") {
            $0.timeout = .seconds(60)
            $0.grace = .seconds(7)
        }
    }

    @Test func `the deadline ends the whole family`() async throws {
        try await withFolder { folder in
            let probe = try LivenessProbe(in: folder)
            let (clock, recorder) = (ManualClock(), Recorder())
            let spec = family(probe, then: "exec 3>'\(probe.path)'; echo ready; wait")
            let result = try await withPool(clock: clock) { pool in
                async let result = pool.execute(spec, attempt(), sink: recorder.take)
                await recorder.wait(for: .output("ready"))
                clock.advance(by: .seconds(60))
                return try await result
            }
            guard case .timedOut(let failure) = result else { throw Unexpected(result) }
            #expect(failure.kind == "timeout" && failure.message.contains("60"))
            #expect(probe.isAtEnd())
        }
    }

    @Test func `what ignores SIGTERM is killed after its grace`() async throws {
        let (clock, recorder) = (ManualClock(), Recorder())
        let spec = shell("trap 'echo asked' TERM; echo ready; while :; do sleep 1000 & wait $!; done") {
            $0.timeout = .seconds(60)
            $0.grace = .seconds(7)
        }
        let result = try await withPool(clock: clock) { pool in
            async let result = pool.execute(spec, attempt(), sink: recorder.take)
            await recorder.wait(for: .output("ready"))
            clock.advance(by: .seconds(60))
            await recorder.wait(for: .output("asked"))
            clock.advance(by: .seconds(7))
            return try await result
        }
        guard case .timedOut = result else { throw Unexpected(result) }
    }

    @Test func `a stopped process is ended too`() async throws {
        let (clock, recorder) = (ManualClock(), Recorder())
        let result = try await withPool(clock: clock) { pool in
            async let result = pool.execute(shell("echo $$; kill -STOP $$") { $0.timeout = .seconds(1) }, attempt()) { output in
                try await recorder.take(output)
                clock.advance(by: .seconds(1))
            }
            return try await result
        }
        guard case .timedOut = result else { throw Unexpected(result) }
    }

    @Test func `a cancelled caller gets its command's last words and then its end`() async throws {
        let recorder = Recorder()
        let spec = shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 1000 & wait $!; done")
        let result = try await withPool { pool in
            try await withThrowingTaskGroup(of: CommandResult.self) { tasks in
                tasks.addTask { try await pool.execute(spec, attempt(), sink: recorder.take) }
                await recorder.wait(for: .output("ready"))
                tasks.cancelAll()
                return try await tasks.next()
            }
        }
        #expect(result == .cancelled)
        #expect(recorder.lines == ["ready", "bye"])
    }

    @Test func `a caller that is cancelled before the start starts nothing`() async throws {
        let recorder = Recorder()
        let result = try await withPool { pool in
            try await withThrowingTaskGroup(of: CommandResult.self) { tasks in
                tasks.cancelAll()
                tasks.addTask { try await pool.execute(shell("echo started"), attempt(), sink: recorder.take) }
                return try await tasks.next()
            }
        }
        #expect(result == .cancelled)
        #expect(recorder.outputs.isEmpty)
    }

    @Test func `a cancelled pool ends its commands`() async throws {
        let (pool, recorder) = (CommandPool(), Recorder())
        let result = try await withThrowingTaskGroup(of: CommandResult?.self) { tasks in
            tasks.addTask { try await pool.execute(shell("echo ready; exec sleep 1000"), attempt(), sink: recorder.take) }
            await withTaskGroup(of: Void.self) { running in
                running.addTask { await pool.run() }
                await recorder.wait(for: .output("ready"))
                running.cancelAll()
            }
            return try await tasks.next() ?? nil
        }
        #expect(result == .cancelled)
        #expect(try await pool.execute(shell("true"), attempt(), sink: recorder.take) == .cancelled)
    }

    @Test func `what a program leaves behind is ended with it`() async throws {
        try await withFolder { folder in
            let probe = try LivenessProbe(in: folder)
            let result = try await run(family(probe, then: "exec 3>'\(probe.path)'; exit 0"))
            #expect(result == .succeeded(nil))
            #expect(probe.isAtEnd())
        }
    }

    @Test func `a writer that left the family does not keep the job`() async throws {
        // It holds the output open from a session of its own and never stops writing; the pool is not to read on for its sake.
        let recorder = Recorder()
        let result = try await withFolder { folder in
            let script = "mkfifo up; setsid sh -c 'echo up > up; exec yes' & read -r word < up; echo $word >&2; exit 0"
            let spec = shell(script) {
                $0.workingDirectory = folder
                $0.outputBytesMax = 1000
            }
            return try await run(spec, recorder: recorder)
        }
        #expect(result == .succeeded(nil))
        #expect(recorder.logs.first == "up")
    }

    @Test func `the death of the server ends its commands, in sessions of their own too`() async throws {
        try await withFolder { folder in
            let probe = try LivenessProbe(in: folder)
            let recorder = Recorder()
            let spec = family(probe, then: "exec 3>'\(probe.path)'; echo ready; wait", own: "setsid")
            let results = try await withPool { pool in
                async let result = pool.execute(spec, attempt(), sink: recorder.take)
                await recorder.wait(for: .output("ready"))
                // What the kernel does to the guard when this process dies.
                pool.orphanGuard?.cut()
                return (try await result, try await pool.execute(shell("true"), attempt(), sink: recorder.take))
            }
            guard case .transient(let failure) = results.0 else { throw Unexpected(results.0) }
            #expect(failure.kind == "signal-9")
            #expect(results.1 == .succeeded(nil))
            #expect(probe.isAtEnd())
        }
    }
}
