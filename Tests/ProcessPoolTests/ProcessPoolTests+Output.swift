import MartletCore
import ProcessPool
import Testing

extension ProcessPoolTests {
    @Test func `the last line needs no newline, and empty and CRLF lines are lines`() async throws {
        let recorder = Recorder()
        _ = try await run(shell(#"printf 'one\r\n\ntwo'; printf 'err' >&2"#), recorder: recorder)
        #expect(recorder.lines == ["one", "", "two"])
        #expect(recorder.logs == ["err"])
    }

    @Test func `bytes that are not UTF-8 are repaired`() async throws {
        let recorder = Recorder()
        _ = try await run(shell(#"printf 'a\377b\303\n\000z\n'"#), recorder: recorder)
        #expect(recorder.lines == ["a\u{FFFD}b\u{FFFD}", "\u{FFFD}z"])
    }

    @Test func `a long line is cut between two characters and marked`() async throws {
        let recorder = Recorder()
        let spec = shell("printf 'x'; i=0; while [ $i -lt 50 ]; do printf 'üüüüü'; i=$((i+1)); done; echo; echo next") { $0.lineBytesMax = 64 }
        _ = try await run(spec, recorder: recorder)
        let expected = "x" + String(repeating: "ü", count: 31)
        #expect(recorder.lines == [expected + " … [cut, the line has 501 bytes]", "next"])
    }

    @Test func `a line without an end stays small in memory`() async throws {
        let recorder = Recorder()
        let result = try await run(shell("head -c 50000000 /dev/zero | tr '\\0' x") { $0.lineBytesMax = 100 }, recorder: recorder)
        #expect(result == .succeeded(nil))
        #expect(recorder.lines == [String(repeating: "x", count: 100) + " … [cut, the line has 50000000 bytes]"])
    }

    @Test func `output over its limit is drained and announced once`() async throws {
        let recorder = Recorder()
        let script = "seq 1 300000; echo err >&2; echo '{\"martlet\":\"result\",\"value\":7}'"
        let result = try await run(shell(script) { $0.outputBytesMax = 5000 }, recorder: recorder)
        #expect(result == .succeeded(Payload(7)))
        #expect(recorder.lines.reduce(0) { $0 + $1.utf8.count + 1 } <= 5000)
        #expect(recorder.lines.first == "1" && recorder.lines.count > 1000)
        #expect(recorder.logs.filter { $0.contains("5000 bytes") }.count == 1)
    }

    @Test func `a result may be as large as a payload, and no larger`() async throws {
        let largest = Limits.payloadBytes - 2
        let line = { (count: Int) in
            shell("printf '{\"martlet\":\"result\",\"value\":\"'; head -c \(count) /dev/zero | tr '\\0' r; echo '\"}'")
        }
        let result = try await run(line(largest))
        guard case .succeeded(let payload?) = result else { throw Unexpected(result) }
        #expect(payload.utf8.count == Limits.payloadBytes)
        for count in [largest + 1, largest + 100_000] {
            let refused = try await run(line(count))
            guard case .permanent(let failure) = refused else { throw Unexpected(refused) }
            #expect(failure.kind == "result-too-large")
        }
    }

    @Test func `a program that never reads a large payload succeeds`() async throws {
        let payload = Payload(.string(String(repeating: "p", count: 1_000_000)))
        #expect(try await run(shell("exec 0<&-; echo done"), attempt(payload)) == .succeeded(nil))
        #expect(try await run(command(["true"]), attempt(payload)) == .succeeded(nil))
        let recorder = Recorder()
        _ = try await run(command(["wc", "-c"]), attempt(payload), recorder: recorder)
        #expect(recorder.lines == ["1000003"])
    }

    @Test func `what cannot be taken ends the command and is thrown`() async throws {
        struct Full: Error {}
        await #expect(throws: Full.self) {
            try await withPool { pool in
                try await pool.execute(shell("echo one; exec sleep 1000"), attempt()) { _ in throw Full() }
            }
        }
    }
}
