import MartletCore
import Testing

/// In the manner of JSONTestSuite (Nicolas Seriot, "Parsing JSON is a Minefield"): what every reader must take, and what none may.
@Suite struct JSONParserTests {
    @Test(arguments: [
        "null", "true", "false", "0", "-0", "1", "-1", "10", "1.5", "-0.0", "1e3", "1E+3", "1e-3", "0.1e1", "123456789012345678901234567890",
        "\"\"", "\"a\"", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\u0041\"", "\"\\uD83D\\uDE00\"", "\"\\u0000\"", "\"\u{7F}\"", "\"é😀\"", "\"\u{2028}\"",
        "[]", "[ ]", "[1]", "[1,2]", "[[]]", "[null, true]", "{}", "{ }", "{\"a\":1}", "{\"\":0}", "{\"a\":{\"b\":[]}}", " \t\n\r1 \t\n\r",
        "[\"\u{FFFF}\"]", "{\"a\":1,\"A\":2}",
    ])
    func `valid JSON is accepted`(text: String) throws {
        _ = try JSON(parsing: text)
    }

    @Test(arguments: [
        "", " ", "nul", "nulll", "True", "NaN", "Infinity", "-", "+1", "01", "-01", "1.", ".5", "1.e1", "1e", "1e+", "0x10", "1_000", "1,", "--1",
        "\"", "\"a", "\"\\", "\"\\a\"", "\"\\u12\"", "\"\\u123g\"", "\"\\uD800\"", "\"\\uDC00\"", "\"\\uD800\\u0041\"", "\"\\uD800x\"",
        "\"\\uD800\\n\"",
        "\"\u{1}\"", "\"a\nb\"", "\"\t\"", "'a'", "[", "]", "[1", "[1,", "[1,]", "[,1]", "[1 2]", "[1,,2]", "[1}", "{", "}", "{\"a\"", "{\"a\":",
        "{\"a\":1",
        "{\"a\":1,", "{\"a\":1,}", "{a:1}", "{1:1}", "{\"a\" 1}", "{\"a\":1 \"b\":2}", "{,}", "{\"a\":1]", "1 2", "[] []", "/**/1", "1//",
        "\u{FEFF}1",
        "[1]x", "\u{C}1", "{\"a\":1,\"a\":2}", "{\"a\":1,\"\\u0061\":2}",
    ])
    func `what is not JSON is refused`(text: String) {
        #expect(throws: JSONError.self) { try JSON(parsing: text) }
    }

    @Test(
        arguments: [
            [0x22, 0xFF, 0x22], [0x22, 0xC0, 0x80, 0x22], [0x22, 0xED, 0xA0, 0x80, 0x22], [0x22, 0xE2, 0x82, 0x22], [0x22, 0x5C, 0x6E, 0x80, 0x22],
            [0xFE, 0xFF, 0x00, 0x31],
        ] as [[UInt8]])
    func `a string that is not UTF-8 is refused`(bytes: [UInt8]) {
        #expect(throws: JSONError.self) { try JSON(parsing: bytes) }
    }

    @Test func `nesting is refused beyond its bound and not before`() throws {
        let deep = String(repeating: "[", count: 128) + String(repeating: "]", count: 128)
        _ = try JSON(parsing: deep)
        #expect(throws: JSONError.self) { try JSON(parsing: "[" + deep + "]") }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "[", count: 1_000_000)) }
        #expect(throws: JSONError.self) { try JSON(parsing: String(repeating: "{\"a\":", count: 1_000_000)) }
    }

    @Test func `a name that stands twice is refused in a large object too`() throws {
        let members = (0..<40).map { "\"n\($0)\":\($0)" }
        _ = try JSON(parsing: "{" + members.joined(separator: ",") + "}")
        for repeated in [0, 5, 8, 20, 39] {
            #expect(throws: JSONError.self) { try JSON(parsing: "{" + (members + ["\"n\(repeated)\":0"]).joined(separator: ",") + "}") }
        }
    }

    @Test func `an error says the byte and nothing of the text`() {
        let error = #expect(throws: JSONError.self) { try JSON(parsing: "{\"secret\":tru}") }
        #expect(error?.offset == 10)
        #expect(error?.description.contains("secret") == false)
    }

    @Test func `surrogate pairs and escapes become the characters they stand for`() throws {
        #expect(try JSON(parsing: "\"\\uD83D\\uDE00\\u00e9\\n\\/\"") == .string("😀é\n/"))
        #expect(try JSON(parsing: "\"a\\u0000b\"") == .string("a\u{0}b"))
    }

    @Test func `bytes that are not contiguous are read as well`() throws {
        let lazy = Array("[1,2]".utf8).lazy.map { $0 }
        #expect(try JSON(parsing: lazy) == [1, 2])
    }
}
