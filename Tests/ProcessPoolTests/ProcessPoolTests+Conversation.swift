import MartletCore
import ProcessPool
import Testing

extension ProcessPoolTests {
    @Test func `the payload arrives on standard input`() async throws {
        let recorder = Recorder()
        let payload = try Payload(json: Array(#"{"video":"ü \" 1.mp4","n":12345678901234567890}"#.utf8))
        #expect(try await run(command(["cat"]), attempt(payload), recorder: recorder) == .succeeded(nil))
        #expect(recorder.outputs == [.output(payload.text)])
    }

    @Test func `the facts of the job are in the environment`() async throws {
        let recorder = Recorder()
        let names = ["JOB_ID", "KIND", "QUEUE", "TENANT", "ATTEMPT", "EPOCH"]
        _ = try await run(shell(names.map { "echo $MARTLET_\($0)" }.joined(separator: ";")), recorder: recorder)
        #expect(recorder.lines == ["01900000-0000-7000-8000-000000000001", "test", "media", "acme", "2", "5"])
    }

    @Test func `a command starts with a clean environment`() async throws {
        let recorder = Recorder()
        let server = ["PATH": "/usr/bin:/bin", "HOME": "/somewhere", "LANG": "C", "TZ": "UTC", "SECRET": "s", "WANTED": "w", "LD_PRELOAD": "/x.so"]
        let spec = command(["env"]) {
            $0.inheritedVariables = ["WANTED"]
            $0.variables = ["OWN": "o", "MARTLET_EPOCH": "forged"]
        }
        _ = try await withPool(variables: server) { try await $0.execute(spec, attempt(), sink: recorder.take) }
        let lines = recorder.lines.filter { !$0.hasPrefix("MARTLET_") }
        #expect(lines.sorted() == ["HOME=/somewhere", "LANG=C", "OWN=o", "PATH=/usr/bin:/bin", "TZ=UTC", "WANTED=w"])
        #expect(recorder.lines.contains("MARTLET_EPOCH=5"))
    }

    @Test func `a command starts in its folder and finds programs from there`() async throws {
        try await withFolder { folder in
            let recorder = Recorder()
            _ = try await run(shell("printf '#!/bin/sh\\npwd -P\\n' > here; chmod +x here") { $0.workingDirectory = folder })
            let result = try await run(command(["./here"]) { $0.workingDirectory = folder }, recorder: recorder)
            #expect(result == .succeeded(nil))
            #expect(recorder.lines == [folder])
        }
    }

    @Test func `control lines set progress and the result`() async throws {
        let recorder = Recorder()
        let script = """
            echo '{"martlet":"progress","fraction":0.25,"message":"a"}'
            echo '{"martlet":{"progress":0.5}}'
            echo '{"other":"line"}'
            echo '{"martlet":"progress"}'
            echo '{"martlet":"result","value":{"n":1}}'
            echo '{"martlet":{"result":[2]}}'
            """
        #expect(try await run(shell(script), recorder: recorder) == .succeeded(Payload([2])))
        #expect(
            recorder.outputs == [
                .progress(Progress(fraction: 0.25, message: "a")), .progress(Progress(fraction: 0.5)), .output(#"{"other":"line"}"#),
                .output(#"{"martlet":"progress"}"#), .result(Payload(["n": 1])), .result(Payload([2])),
            ])
    }

    @Test func `a retry line says when, the exit code says whether`() async throws {
        let line = #"echo '{"martlet":"retry","after":1.5}';"#
        for code in [1, 75] {
            let result = try await run(shell("\(line) exit \(code)"))
            guard case .rateLimited(let failure, after: .milliseconds(1500)) = result else { throw Unexpected(result) }
            #expect(failure.kind == "exit-\(code)")
        }
        #expect(try await run(shell("\(line) exit 0")) == .succeeded(nil))
        let permanent = try await run(shell("\(line) exit 2") { $0.exitCodes = ExitCodes([2: .permanent]) })
        guard case .permanent = permanent else { throw Unexpected(permanent) }
    }

    @Test(arguments: [(0, "succeeded"), (1, "transient"), (75, "transient"), (3, "permanent"), (4, "succeeded")])
    func `exit codes mean what the configuration says`(code: Int, meaning: String) async throws {
        let result = try await run(shell("exit \(code)") { $0.exitCodes = ExitCodes([3: .permanent, 4: .succeeded]) })
        switch result {
        case .succeeded(nil): #expect(meaning == "succeeded")
        case .transient(let failure): #expect(meaning == "transient" && failure.kind == "exit-\(code)")
        case .permanent(let failure): #expect(meaning == "permanent" && failure.kind == "exit-\(code)")
        default: throw Unexpected(result)
        }
    }

    @Test func `a program that ends by a signal may be tried again`() async throws {
        let result = try await run(shell("kill -SEGV $$"))
        guard case .transient(let failure) = result else { throw Unexpected(result) }
        #expect(failure.kind == "signal-11")
    }

    @Test func `placeholders become one argument each, without a shell`() async throws {
        let recorder = Recorder()
        let payload = try Payload(json: Array(#"{"name":"a b; $(id) '\"","size":{"w":320},"tags":["x","y"],"on":true}"#.utf8))
        let spec = command([
            "printf", "%s\\n", "file:{payload.name}", "{payload.size.w}x", "{payload.tags.1}", "{payload.on}", "{job.attempt}", "{other} {",
        ])
        #expect(try await run(spec, attempt(payload), recorder: recorder) == .succeeded(nil))
        #expect(recorder.lines == [#"file:a b; $(id) '""#, "320x", "y", "true", "2", "{other} {"])
    }

    @Test(arguments: [
        ("{payload.missing}", "missing"), ("{payload.list}", "array"), ("{payload.option}", "begins with '-'"), ("{payload.nul}", "NUL"),
    ])
    func `a placeholder that cannot be filled fails for good`(argument: String, reason: String) async throws {
        let payload = try Payload(json: Array(#"{"list":[1],"option":"--output=secret-value","nul":"a\u0000b","null":null}"#.utf8))
        let result = try await run(command(["true", argument]), attempt(payload))
        guard case .permanent(let failure) = result else { throw Unexpected(result) }
        #expect(failure.kind == "command-invalid" && failure.message.contains(reason) && !failure.message.contains("secret"))
    }

    @Test func `a value may begin with a dash behind two dashes or a prefix`() async throws {
        let recorder = Recorder()
        let payload = Payload(["v": "-x"])
        _ = try await run(command(["printf", "%s\\n", "./{payload.v}", "--", "{payload.v}"]), attempt(payload), recorder: recorder)
        #expect(recorder.lines == ["./-x", "--", "-x"])
    }
}
