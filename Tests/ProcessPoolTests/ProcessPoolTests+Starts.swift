import Foundation
import Glibc
import MartletCore
import ProcessPool
import Testing

extension ProcessPoolTests {
    private func permanentKind(_ spec: CommandSpec) async throws -> String {
        let result = try await run(spec)
        guard case .permanent(let failure) = result else { throw Unexpected(result) }
        return failure.kind
    }

    @Test func `a program that cannot be run fails for good and says why`() async throws {
        try await withFolder { folder in
            let here = { (name: String) in command(["./\(name)"]) { $0.workingDirectory = folder } }
            let script =
                "echo x > data; echo '#!/no/such/interpreter' > orphaned; printf 'no program' > nonsense; chmod +x orphaned nonsense; mkdir d"
            _ = try await run(shell(script) { $0.workingDirectory = folder })
            #expect(try await permanentKind(command(["no-such-program-anywhere"])) == "command-not-found")
            #expect(try await permanentKind(here("missing")) == "command-not-found")
            #expect(try await permanentKind(here("data")) == "command-not-executable")
            #expect(try await permanentKind(here("d")) == "command-not-executable")
            #expect(try await permanentKind(here("orphaned")) == "command-not-executable")
            #expect(try await permanentKind(here("nonsense")) == "command-not-executable")
        }
    }

    @Test func `a missing folder may come back`() async throws {
        let result = try await run(command(["true"]) { $0.workingDirectory = "/no/such/folder" })
        guard case .transient(let failure) = result else { throw Unexpected(result) }
        #expect(failure.kind == "command-no-folder")
    }

    @Test func `faults of a command are all found, each with its place`() {
        let spec = command(["{payload.x}", "{job.nothing}", "{payload.}"]) {
            $0.workingDirectory = "here"
            $0.timeout = .zero
            $0.grace = .seconds(-1)
            $0.lineBytesMax = 1
            $0.variables = ["A=B": "", "OK": "a\0b"]
            $0.inheritedVariables = ["1X"]
            $0.exitCodes = ExitCodes([256: .permanent])
        }
        let fields = Set(spec.faults.map(\.field))
        #expect(
            fields == [
                "run.0", "run.1", "run.2", "working_directory", "timeout", "grace", "line_bytes", "env.A=B", "env.OK", "env.1X", "exit_codes.256",
            ])
        #expect(command([]).faults.map(\.field) == ["run"])
        #expect(command(["true"]).faults.isEmpty)
    }

    @Test func `a command may not use more memory than it is given`() async throws {
        let recorder = Recorder()
        let spec = shell("ulimit -v; head -c 100000000 /dev/zero | tail -c 100000000 >/dev/null || exit 9") { $0.memoryLimitBytes = 64 << 20 }
        let result = try await run(spec, recorder: recorder)
        guard case .transient(let failure) = result else { throw Unexpected(result) }
        #expect(failure.kind == "exit-9")
        #expect(recorder.lines == ["65536"])
    }

    @Test func `a command may not use more processor time than it is given`() async throws {
        let result = try await run(shell("while :; do :; done") { $0.cpuLimitSeconds = 1 })
        guard case .transient(let failure) = result else { throw Unexpected(result) }
        #expect(failure.kind == "cpu-limit")
    }

    @Test func `limits leave arguments and input as they are`() async throws {
        let recorder = Recorder()
        let spec = command(["sh", "-c", "cat; printf '%s\\n' \"$@\"", "x", "{payload.v}", "$(id)"]) {
            $0.memoryLimitBytes = 1 << 30
            $0.cpuLimitSeconds = 10
        }
        let payload = Payload(["v": "a  b\"'"])
        #expect(try await run(spec, attempt(payload), recorder: recorder) == .succeeded(nil))
        #expect(recorder.lines == [payload.text, "a  b\"'", "$(id)"])
    }

    @Test func `nothing of two hundred commands is left`() async throws {
        try await withPool { pool in
            let specs = [
                command(["true"]), command(["no-such-program-anywhere"]), shell("exit 4"), shell("sleep 1000 & kill -9 $$"),
                command(["true"]) { $0.workingDirectory = "/no/such/folder" }, command(["true", "{payload.missing}"]),
                shell("yes | head -n 20000"), shell("exec 0<&- 1>&- 2>&-; exit 1"), shell("setsid true & exit 0"),
                shell("true") { $0.memoryLimitBytes = 1 << 30 },
            ]
            _ = try await pool.execute(specs[0], attempt()) { _ in }
            let before = try Leftovers()
            for _ in 0..<5 {
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    for index in 0..<40 {
                        tasks.addTask { _ = try await pool.execute(specs[index % specs.count], attempt()) { _ in } }
                    }
                    try await tasks.waitForAll()
                }
            }
            #expect(try Leftovers() == before)
        }
    }
}
