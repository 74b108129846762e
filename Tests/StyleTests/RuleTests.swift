import Foundation
import Testing

/// Each rule finds what it is there to find: without this, a rule that no longer sees anything would pass for ever.
@Suite struct RuleTests {
    private static func source(_ text: String, path: String = "Sources/Engine/MartletCore/Jobs/Sample.swift") -> SourceFile {
        SourceFile(path: path, text: text)
    }

    @Test(arguments: [
        ("import Martlet", "Sources/Engine/MartletCore/A.swift"), ("public import Logging", "Sources/Engine/MartletCore/A.swift"),
        ("import Foundation", "Sources/Engine/MartletCore/A.swift"),
        ("@testable import struct PostgresStore.Row", "Sources/Stores/SQLiteStore/A.swift"), ("import SQLiteStore", "Sources/Engine/Martlet/A.swift"),
        ("    import Clips", "Sources/Apps/Inference/A.swift"), ("import Dispatch", "Sources/Engine/Martlet/A.swift"),
        ("", "Sources/Engine/Unknown/A.swift"), ("", "Sources/A.swift"),
    ])
    func `an import that does not point down is found`(text: String, path: String) {
        #expect(ImportRule.check(Self.source(text, path: path)).count == 1)
    }

    @Test func `an import that points down is not`() {
        #expect(
            ImportRule.check(
                Self.source("import MartletCore\n// import Nothing\nlet text = \"import Nothing\"", path: "Sources/Engine/Martlet/A.swift")
            ).isEmpty)
        #expect(ImportRule.check(Self.source("import Foundation", path: "Sources/Engine/MartletCore/Triggers/ZoneRules.swift")).isEmpty)
    }

    @Test(arguments: BannedCall.all)
    func `each banned call is found in code and not in words`(call: BannedCall) {
        let path = call.place == .tests ? "Tests/SampleTests/Sample.swift" : "Sources/Engine/Martlet/Sample.swift"
        #expect(call.check(Self.source("func f() {\n    \(call.text)\n}", path: path)).map(\.line) == [2])
        #expect(call.check(Self.source("let text = \"a \\(\(call.text))) b\"", path: path)).count == 1)
        let words = """
            // \(call.text)
            /* \(call.text) /* \(call.text) */ */
            let a = "\(call.text)", b = #"\(call.text)"#
            func `\(call.text)`() {}
            """
        #expect(call.check(Self.source(words, path: path)).isEmpty)
        for allowed in call.allowed.keys { #expect(call.check(Self.source(call.text, path: allowed)).isEmpty) }
    }

    @Test func `a word that merely ends like a banned call is not one`() {
        for text in ["fingerprint(x)", "output.print(x)", "invalidDate()", "MyTask {", "clock.now()", "group.addTask {"] {
            #expect(BannedCall.all.flatMap { $0.check(Self.source(text)) }.isEmpty, "\(text)")
        }
    }

    @Test func `a long line, function or file is found`() {
        #expect(LengthRule.check(Self.source(String(repeating: "é", count: 150))).isEmpty)
        #expect(LengthRule.check(Self.source(String(repeating: "é", count: 151))).count == 1)
        let body = String(repeating: "    call { $0 }\n", count: 68)
        for head in [
            "func f() {", "func f(\n) -> Int {", "init?() {", "var x: Int {", "subscript(i: Int) -> Int {",
            "func f(_ x: () -> Void = {}) where T == { {",
        ] {
            let short = LengthRule.check(Self.source("struct S {\n\(head.replacingOccurrences(of: "\n", with: " "))\n\(body)}\n}\n"))
            let long = LengthRule.check(Self.source("struct S {\n\(head)\n\(body)\n}\n}\n"))
            #expect(short.isEmpty || head.contains("where"), "\(head)")
            #expect(long.count == 1 || head.contains("where"), "\(head)")
        }
        #expect(LengthRule.check(Self.source("protocol P {\n    func f()\n    init()\n}\nextension P {\n\(body)\(body)}\n")).isEmpty)
        #expect(LengthRule.check(Self.source(String(repeating: "\n", count: 401))).count == 1)
        #expect(LengthRule.check(Self.source(String(repeating: "\n", count: 400))).isEmpty)
        #expect(LengthRule.check(Self.source(String(repeating: "\n", count: 600), path: "Tests/A/B.swift")).isEmpty)
        #expect(LengthRule.check(Self.source(String(repeating: "\n", count: 601), path: "Tests/A/B.swift")).count == 1)
    }

    @Test func `a file without the type it is named after is found`() {
        #expect(NameRule.check(Self.source("struct Sample {}")).isEmpty)
        #expect(NameRule.check(Self.source("private enum X { struct Sample {} }")).count == 1)
        #expect(NameRule.check(Self.source("extension Sample {}")).count == 1)
        #expect(NameRule.check(Self.source("extension Job {}", path: "Sources/Engine/MartletCore/Job+JSON.swift")).isEmpty)
        #expect(NameRule.check(Self.source("extension Step {}", path: "Sources/Engine/MartletCore/Job+JSON.swift")).count == 1)
        #expect(NameRule.check(Self.source("extension Hub.Watch {}", path: "Sources/Engine/Martlet/Watch+Ending.swift")).isEmpty)
        #expect(NameRule.check(Self.source("extension Hub.Watch {}", path: "Sources/Engine/Martlet/Hub+Ending.swift")).count == 1)
        #expect(NameRule.check(Self.source("struct Sample {}", path: "Sources/Engine/MartletCore/Helpers/Sample.swift")).count == 1)
    }

    @Test func `a file without a target is found`() {
        let manifest =
            "martlet(\"Core\", \"Engine\", [])\nmartlet(\n    \"Wide\", \"Engine\",\n [])\ntests(\"CoreTests\", [])\npath: \"Sources/Server/Tool\""
        let good = ["Sources/Engine/Core/A.swift", "Sources/Engine/Wide/X/A.swift", "Sources/Server/Tool/A.swift", "Tests/CoreTests/A.swift"]
        #expect(DeadCodeRule.checkTargets(good.map { Self.source("", path: $0) }, manifest: manifest).isEmpty)
        for path in ["Sources/Server/Core/A.swift", "Sources/Engine/Gone/A.swift", "Sources/A.swift", "Tests/GoneTests/A.swift", "Tests/A.swift"] {
            #expect(DeadCodeRule.checkTargets([Self.source("", path: path)], manifest: manifest).count == 1)
        }
    }

    @Test func `a type that nobody names is found`() {
        let a = Self.source(
            "public struct Alone {}\nprivate struct Own {}\nstruct Used {}\nclass Old {}\nactor Also {}", path: "Sources/Engine/Core/A.swift")
        let b = Self.source("let x = Used()\n// Alone\nlet y = \"Old\"\nlet AlsoNot = 1", path: "Tests/CoreTests/B.swift")
        #expect(DeadCodeRule.checkTypes([a, b]).map(\.line) == [1, 4, 5])
        #expect(DeadCodeRule.checkTypes([Self.source("@main struct Tool {}")]).isEmpty)
    }

    @Test func `a promise or a machine's path is found in comments and strings too`() {
        for text in ["// TO" + "DO: later", "let a = \"FIX" + "ME\"", "// X" + "XX", "let p = \"/wo" + "rk/x\"", "// in /ho" + "me/me"] {
            #expect(TextRule.check(Self.source(text)).count == 1, "\(text)")
        }
        for text in ["// TO" + "DOs", "let url = \"https://example.org/ho" + "me/x\"", "let p = \"x/tm" + "p/y\""] {
            #expect(TextRule.check(Self.source(text)).isEmpty, "\(text)")
        }
    }

    @Test func `the mask keeps code and lines and nothing else`() {
        let text = "a /* b \" */ \"c \\(d(\"e\") + f) g\" h // i\n#\"\\(j) \\#(k)\"# `l m` \"\"\"\n n\" \\(o)\n\"\"\" p"
        let kept = String(decoding: SourceFile(path: "Sources/A.swift", text: text).code, as: UTF8.self)
        #expect(kept.count == text.count)
        #expect(kept.filter { $0.isLetter } == "adfhkop")
        #expect(kept.filter { $0 == "\n" }.count == 3)
    }
}
