import Foundation
import Testing

struct CopyProgramTests {
    private func with(_ body: (Program) async throws -> Void) async throws {
        try await TemporaryFolder.with { folder in try await body(Program(folder: folder)) }
    }

    private func fill(_ program: Program, _ count: Int) async throws {
        let lines = (0..<count).map { #"{"kind":"k","queue":"q\#($0 % 3)","payload":{"n":\#($0)}}"# }
        try program.folder.write(lines.joined(separator: "\n"), to: "jobs.ndjson")
        #expect(try await program.run("migrate").code == 0)
        let ending = try await program.run("enqueue", "--file", "jobs.ndjson")
        #expect(ending.code == 0, "\(ending.errors)")
    }

    @Test func `a copy is counted in a table, and says what to switch`() async throws {
        try await with { program in
            try await fill(program, 40)
            #expect(try await program.run("triggers", "put", "t", "--kind", "k", "--every", "3600").code == 0)
            let ending = try await program.run("copy", "--from", "sqlite:martlet.db", "--to", "sqlite:other.db")
            #expect(ending.code == 0, "\(ending.errors)")
            #expect(ending.output.contains("q0"))
            #expect(ending.output.contains("40"))
            #expect(ending.errors.contains("run this again with --start"))
            #expect(ending.errors.contains("martlet-data.db"))
            let started = try await program.run("copy", "--from", "martlet.db", "--to", "other.db", "--start", "--json")
            #expect(started.code == 0)
            #expect(started.output.contains(#""copied":0"#))
            #expect(started.output.contains(#""started":true"#))
            let queues = try await program.run("queues", "list", "--store", "sqlite:other.db", "--json")
            #expect(!queues.output.contains(#""paused":true"#))
        }
    }

    @Test(arguments: ["after-enqueue:2", "before-enqueue:3", "after-append:1", "before-append:2"])
    func `killed half way, it goes on where it was`(_ point: String) async throws {
        try await with { program in
            try await fill(program, 1800)
            let killed = try await program.run(
                "copy", "--from", "martlet.db", "--to", "other.db", environment: ["MARTLET_CRASH_AT": point])
            #expect(killed.code == 9)
            let ending = try await program.run("copy", "--from", "martlet.db", "--to", "other.db", "--json")
            #expect(ending.code == 0, "\(ending.errors)")
            #expect(ending.output.contains(#""jobs":1800"#))
            let again = try await program.run("copy", "--from", "martlet.db", "--to", "other.db", "--json")
            #expect(again.output.contains(#""copied":0"#))
        }
    }

    @Test func `wrong addresses and a store by two names are refused`() async throws {
        try await with { program in
            try await fill(program, 3)
            #expect(try await program.run("copy", "--from", "martlet.db", "--to", "./martlet.db").code == 2)
            #expect(try await program.run("copy", "--from", "none.db", "--to", "other.db").code == 3)
            #expect(try await program.run("copy", "--from", "mysql://x", "--to", "other.db").code == 2)
            try FileManager.default.createSymbolicLink(
                atPath: "\(program.folder.path)/link.db", withDestinationPath: "\(program.folder.path)/martlet.db")
            let same = try await program.run("copy", "--from", "martlet.db", "--to", "link.db")
            #expect(same.code == 2)
            #expect(same.errors.contains("the same store"))
            let rehearsal = try await program.run("copy", "--from", "martlet.db", "--to", "other.db", "--dry-run")
            #expect(rehearsal.code == 3)
        }
    }
}
