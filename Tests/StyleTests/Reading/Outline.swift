/// What a file declares: its top-level types and extensions, and how long its functions are. Read from braces and keywords alone.
struct Outline {
    struct TopLevel: Hashable {
        let keyword: String
        let name: String
        let isPrivate: Bool
        let line: Int

        var isType: Bool { keyword != "extension" }
    }

    struct Function: Hashable {
        let name: String
        let line: Int
        /// From the line of its keyword to that of its closing brace.
        let length: Int
    }

    private(set) var topLevel: [TopLevel] = []
    private(set) var functions: [Function] = []

    private enum Body {
        case function(name: String, line: Int)
        case contract
        case other
    }

    private struct Expected {
        let body: Body
        let depth: Int
        let endsWithLine: Bool
    }

    private var bodies: [Body] = []
    private var expected: Expected?
    /// Open parentheses and brackets.
    private var depth = 0
    private var line = 1
    private var index = 0

    init(_ file: SourceFile) {
        file.code.withUnsafeBufferPointer { code in
            while index < code.count { read(code) }
        }
    }

    private mutating func read(_ code: UnsafeBufferPointer<UInt8>) {
        let byte = code[index]
        if byte.isWord {
            let start = index
            while index < code.count, code[index].isWord { index += 1 }
            word(code, start..<index)
            return
        }
        index += 1
        switch byte {
        case 0x0A:
            if let open = expected, open.endsWithLine, open.depth == depth { expected = nil }
            line += 1
        case UInt8(ascii: "("), UInt8(ascii: "["): depth += 1
        case UInt8(ascii: ")"), UInt8(ascii: "]"): depth -= 1
        case UInt8(ascii: "{"):
            if let open = expected, open.depth == depth {
                bodies.append(open.body)
                expected = nil
            } else {
                bodies.append(.other)
            }
        case UInt8(ascii: "}"):
            if case .function(let name, let start) = bodies.popLast() {
                functions.append(Function(name: name, line: start, length: line - start + 1))
            }
        default: break
        }
    }

    private static let keywords: Set<String> = [
        "func", "init", "deinit", "subscript", "var", "struct", "class", "enum", "actor", "protocol", "extension",
    ]

    private mutating func word(_ code: UnsafeBufferPointer<UInt8>, _ range: Range<Int>) {
        guard (3...9).contains(range.count) else { return }
        let word = String(decoding: code[range], as: UTF8.self)
        guard Self.keywords.contains(word), range.lowerBound == 0 || code[range.lowerBound - 1] != UInt8(ascii: ".") else { return }
        var isContract = false
        if case .contract = bodies.last { isContract = true }
        switch word {
        case "func", "init", "subscript", "deinit":
            guard !isContract, depth == 0 || !bodies.isEmpty else { return }
            let name = word == "func" ? nextWord(code) : word
            expected = Expected(body: .function(name: name, line: line), depth: depth, endsWithLine: false)
        case "var":
            guard !isContract else { return }
            expected = Expected(body: .function(name: nextWord(code), line: line), depth: depth, endsWithLine: true)
        default:
            let name = nextWord(code, isDotted: word == "extension")
            guard !name.isEmpty, !["func", "var", "let", "subscript"].contains(name) else { return }
            expected = Expected(body: word == "protocol" ? .contract : .other, depth: depth, endsWithLine: false)
            guard bodies.isEmpty, depth == 0 else { return }
            topLevel.append(TopLevel(keyword: word, name: name, isPrivate: isPrivate(code, range.lowerBound), line: line))
        }
    }

    /// The word after spaces, or words with dots between them, without going on to it.
    private func nextWord(_ code: UnsafeBufferPointer<UInt8>, isDotted: Bool = false) -> String {
        var start = index
        while start < code.count, code[start] == 0x20 || code[start] == UInt8(ascii: "`") { start += 1 }
        var end = start
        while end < code.count, code[end].isWord || (isDotted && code[end] == UInt8(ascii: ".")) { end += 1 }
        return String(decoding: code[start..<end], as: UTF8.self)
    }

    private func isPrivate(_ code: UnsafeBufferPointer<UInt8>, _ keyword: Int) -> Bool {
        var start = keyword
        while start > 0, code[start - 1] != 0x0A { start -= 1 }
        return String(decoding: code[start..<keyword], as: UTF8.self).contains("private")
    }
}
