import Testing

/// The rules about what is promised find what they are there to find.
@Suite struct AuditRuleTests {
    private func ids(_ text: String, path: String = "Tests/SampleTests/Sample.swift") -> Set<String> {
        AuditRule.ids(in: SourceFile(path: path, text: text))
    }

    @Test func `the ids that a display name begins with are found, and no others`() {
        #expect(ids(#"@Test("X0-6, X0-7: a call ends") func a() {}"#) == ["X0-6", "X0-7"])
        #expect(ids("@Test(\n    \"X2-49 X2-51 X2-3 a holder\", arguments: [1])\nfunc a() {}") == ["X2-49", "X2-51", "X2-3"])
        #expect(ids("@Test func `X3-4: a look that fails, unlike X3-5`() {}") == ["X3-4"])
        #expect(ids("@Test func `a look, X3-4`() {}\n// X3-5: in words\nlet text = \"X3-6: a text\"\n@Suite(\"X3-7: a suite\") struct A {}") == [])
        #expect(ids("#!/bin/sh\n# X0-47: a crowd\necho X0-48\n", path: "Tests/live/run") == ["X0-47"])
        #expect(ids("\"\"\"X3-13: real processes\n\"\"\"\n", path: "Tests/kill/run") == ["X3-13"])
        #expect(ids(#"@Test("X0-6: a call") func a() {}"#, path: "Sources/Engine/Martlet/A.swift") == [])
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
