import MartletCore
import Testing

struct ProgramTests {
    private func with(_ body: (Program) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in try await body(Program(folder: folder)) }
    }

    @Test func `help and version are results, a wrong option is a usage error`() async throws {
        try await with { program in
            let help = try await program.run("--help")
            #expect(help.code == 0)
            #expect(help.output.contains("enqueue"))
            #expect(try await program.run("--version").output == "0.1.0\n")
            let wrong = try await program.run("jobs", "list", "--phase", "redy")
            #expect(wrong.code == 2)
            #expect(wrong.output.isEmpty)
            #expect(wrong.errors.contains("redy"))
        }
    }

    @Test func `a store that is not there is said, and not made by the way`() async throws {
        try await with { program in
            let ending = try await program.run("enqueue", "a")
            #expect(ending.code == 3)
            #expect(ending.errors.contains("there is no store at \(program.folder.path)/martlet.db"))
            #expect(try await program.run("jobs").code == 3)
        }
    }

    @Test func `the database of services is made beside the store, or where it is named`() async throws {
        try await with { program in
            let ending = try await program.run("migrate")
            #expect(ending.code == 0)
            #expect(ending.output.contains("sqlite:\(program.folder.path)/martlet-data.db is up to date"))
            #expect(
                try await program.run("migrate", "--database", "sqlite:other.db").output.contains("\(program.folder.path)/other.db is up to date"))
            let unreachable = try await program.run("migrate", "--database", "postgres://ann:secret@127.0.0.1:1/data")
            #expect(unreachable.code == 1)
            #expect(unreachable.errors.contains("the database postgres://ann:…@127.0.0.1:1/data cannot be used"))
            #expect(!unreachable.errors.contains("secret"))
        }
    }

    @Test func `a faulty configuration stops every command with all that is wrong`() async throws {
        try await with { program in
            try program.folder.write("listn: a\nqueues: { b: { concurrency: x } }\n", to: "martlet.yaml")
            let ending = try await program.run("serve")
            #expect(ending.code == 2)
            #expect(ending.errors.contains("the configuration has 2 errors:"))
            #expect(ending.errors.contains("martlet.yaml:1: listn: is not a setting; did you mean 'listen'?"))
            #expect(ending.errors.contains("martlet.yaml:2: queues.b.concurrency:"))
        }
    }

    @Test func `a job is enqueued, listed, shown, cancelled and revived`() async throws {
        try await with { program in
            #expect(try await program.run("migrate").code == 0)
            let enqueued = try await program.run("enqueue", "a", "--payload", #"{"n":1}"#, "--key", "k")
            #expect(enqueued.code == 0)
            let id = String(enqueued.output.dropLast())
            #expect(JobID(id) != nil)
            #expect(try await program.run("jobs", "list").output.contains(id))
            #expect(try await program.run("jobs", "show", id).output.contains(#"{"n":1}"#))
            #expect(try await program.run("jobs", "show", id, "--json").output.contains(#""phase":"ready""#))
            #expect(try await program.run("enqueue", "a", "--key", "k", "--on-conflict", "reject").code == 4)
            #expect(try await program.run("jobs", "revive", id).code == 4)
            #expect(try await program.run("jobs", "cancel", id).code == 0)
            #expect(try await program.run("jobs", "tail", id).code == 1)
            #expect(try await program.run("jobs", "revive", id).code == 0)
            #expect(try await program.run("jobs", "show", "00000000-0000-7000-8000-000000000000").code == 3)
        }
    }

    @Test func `lines from standard input are enqueued, and a bad one is reported with its number`() async throws {
        try await with { program in
            _ = try await program.run("migrate")
            let lines = "{\"kind\":\"a\",\"payload\":1}\nnonsense\n{\"kind\":\"a\",\"payload\":2}\n"
            let ending = try await program.run("enqueue", "--ndjson", "--json", input: lines)
            #expect(ending.code == 4)
            #expect(ending.output.split(separator: "\n").count == 2)
            #expect(ending.errors.contains("line 2: is not JSON"))
            #expect(ending.errors.contains("2 jobs enqueued, 1 refused"))
        }
    }

    @Test func `queues are limited, paused and resumed`() async throws {
        try await with { program in
            _ = try await program.run("migrate")
            #expect(try await program.run("queues", "pause", "media").code == 3)
            #expect(try await program.run("queues", "set", "media", "--concurrency", "4", "--rate", "100/60").code == 0)
            let shown = try await program.run("queues", "show", "media", "--json").output
            #expect(shown.contains(#""concurrency":4"#))
            #expect(try await program.run("queues", "set", "media", "--low-water", "5").code == 4)
            #expect(try await program.run("queues", "pause", "media").code == 0)
            #expect(try await program.run("queues").output.contains("PAUSED"))
            #expect(try await program.run("queues", "resume", "media").code == 0)
        }
    }

    @Test func `triggers are put, listed with their coming slots in their zone, and removed`() async throws {
        try await with { program in
            _ = try await program.run("migrate")
            let put = try await program.run("triggers", "put", "nightly", "--cron", "30 3 * * *", "--zone", "Europe/Berlin", "--kind", "a")
            #expect(put.code == 0)
            let next = try await program.run("triggers", "next", "nightly", "--count", "3").output
            #expect(next.split(separator: "\n").dropFirst().count == 3)
            #expect(next.split(separator: "\n").dropFirst().allSatisfy { $0.contains(" 03:30:00 +0") })
            #expect(try await program.run("triggers", "list", "--json").output.contains(#""zone":"Europe/Berlin""#))
            #expect(try await program.run("triggers", "remove", "nightly").code == 0)
            #expect(try await program.run("triggers", "remove", "nightly").code == 3)
            #expect(try await program.run("triggers", "put", "x", "--cron", "61 * * * *", "--kind", "a").code == 2)
        }
    }

    @Test func `the doctor finds a damaged store`() async throws {
        try await with { program in
            _ = try await program.run("migrate")
            let healthy = try await program.run("doctor", "--json")
            #expect(healthy.code == 0)
            #expect(healthy.output.contains(#""subject":"integrity""#))
            try program.folder.write("this is no database, and long enough to be looked at for one", to: "other.db")
            let damaged = try await program.run("doctor", "--store", "other.db")
            #expect(damaged.code == 1)
            #expect(damaged.output.contains("FAIL  store:"))
        }
    }

    @Test func `a crash point kills the program after the commit, and the job is there`() async throws {
        try await with { program in
            _ = try await program.run("migrate")
            let crashed = try await program.run("enqueue", "a", environment: ["MARTLET_CRASH_AT": "after-enqueue"])
            #expect(crashed.code == 9)
            #expect(crashed.output.isEmpty)
            #expect(try await program.run("jobs", "list", "--json").output.split(separator: "\n").count == 1)
            #expect(try await program.run("jobs", environment: ["MARTLET_CRASH_AT": "somewhere"]).code == 2)
        }
    }
}
