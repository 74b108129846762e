import Testing

@testable import MartletCLI

struct LineSourceTests {
    private func lines(_ text: String, lineBytesMax: Int = 1000) throws -> [String] {
        try TemporaryFolder.with { folder in
            var source = try LineSource(.file(try folder.write(text, to: "lines")), lineBytesMax: lineBytesMax)
            var found: [String] = []
            while let lines = try source.next() {
                for line in lines { found.append("\(line.number):\(line.bytes.map { String(decoding: $0, as: UTF8.self) } ?? "too long")") }
            }
            return found
        }
    }

    @Test func `lines are numbered, empty ones counted and left out`() throws {
        #expect(try lines("a\n\n  \nb\r\nc") == ["1:a", "4:b", "5:c"])
        #expect(try lines("").isEmpty)
        #expect(try lines("\n\n").isEmpty)
    }

    @Test func `a line that is too long is reported and the next one is read`() throws {
        let long = String(repeating: "x", count: 2000)
        #expect(try lines("a\n\(long)\nb\n") == ["1:a", "2:too long", "3:b"])
        #expect(try lines("a\n\(long)") == ["1:a", "2:too long"])
    }

    @Test func `a line that spans chunks is put together`() throws {
        let long = String(repeating: "x", count: 700_000)
        #expect(try lines("\(long)\nb\n", lineBytesMax: 1 << 20) == ["1:\(long)", "2:b"])
    }

    @Test func `a file that is not there is named`() {
        let failure = #expect(throws: CommandFailure.self) { _ = try LineSource(.file("/nowhere/jobs.ndjson")) }
        #expect(failure?.code == .notFound)
        #expect(failure?.description.contains("/nowhere/jobs.ndjson") == true)
    }
}
