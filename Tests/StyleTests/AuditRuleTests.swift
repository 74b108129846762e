import Testing

/// The rules about what is promised find what they are there to find.
@Suite struct AuditRuleTests {
    private func ids(_ text: String, path: String = "Tests/SampleTests/Sample.swift") -> Set<String> {
        AuditRule.ids(in: SourceFile(path: path, text: text))
    }

    @Test func `the ids that a display name begins with are found, and no others`() {
        #expect(ids(#"@Test("S0-6, S0-7: a call ends") func a() {}"#) == ["S0-6", "S0-7"])
        #expect(ids("@Test(\n    \"S2-49 S2-51 H2-3 a holder\", arguments: [1])\nfunc a() {}") == ["S2-49", "S2-51", "H2-3"])
        #expect(ids("@Test func `S3-4: a look that fails, unlike S3-5`() {}") == ["S3-4"])
        #expect(ids("@Test func `a look, S3-4`() {}\n// S3-5: in words\nlet text = \"S3-6: a text\"\n@Suite(\"S3-7: a suite\") struct A {}") == [])
        #expect(ids("#!/bin/sh\n# S0-47: a crowd\necho S0-48\n", path: "Tests/live/run") == ["S0-47"])
        #expect(ids("\"\"\"S3-13: real processes\n\"\"\"\n", path: "Tests/kill/run") == ["S3-13"])
        #expect(ids(#"@Test("S0-6: a call") func a() {}"#, path: "Sources/Engine/Martlet/A.swift") == [])
    }

    @Test func `a row whose test is gone is found`() {
        let names = AuditRule.answered.map { "@Test(\"\($0): proven\") func a() {}" }
        let whole = SourceFile(path: "Tests/A/A.swift", text: names.joined(separator: "\n"))
        let broken = SourceFile(path: "Tests/A/A.swift", text: names.dropFirst().joined(separator: "\n"))
        #expect(AuditRule.missing(in: [whole]) == [])
        #expect(AuditRule.missing(in: [broken]) == [AuditRule.answered[0]])
        #expect(Set(AuditRule.answered).count == AuditRule.answered.count)
    }

    @Test func `what stands in for a real part is found in code, and not in words`() {
        func check(_ text: String, _ path: String = "Sources/Engine/Martlet/A.swift") -> [Int] {
            StandInRule.check(SourceFile(path: path, text: text)).map(\.line)
        }
        #expect(check("let a = 1\nstruct FakePublisher {}") == [2])
        #expect(check("func publish() { mockAnswer() }") == [1])
        #expect(check("// no mock\nlet text = \"a fake\"") == [])
        #expect(check("struct FakeServer {}", "Sources/Testing/MartletTesting/A.swift") == [])
        #expect(check("struct FakeServer {}", "Tests/A/A.swift") == [])
    }
}
