import Foundation
import Glibc

/// One file of the repository, as the rules see it.
struct SourceFile: Sendable {
    /// From the root of the repository.
    let path: String
    let raw: [UInt8]
    /// The same bytes with comments and the contents of strings blanked: what is left is code.
    let code: [UInt8]
    private let lineStarts: [Int]

    init(path: String, text: String) {
        self.path = path
        raw = Array(text.utf8)
        code = CodeMask.blank(raw)
        lineStarts = raw.withUnsafeBufferPointer { bytes in
            var starts = [0]
            var index = 0
            while index < bytes.count {
                if bytes[index] == 0x0A { starts.append(index + 1) }
                index += 1
            }
            return starts
        }
    }

    var name: String { String(path.split(separator: "/").last ?? "").replacingOccurrences(of: ".swift", with: "") }
    var folders: [String] { path.split(separator: "/").dropLast().map(String.init) }
    var isTest: Bool { path.hasPrefix("Tests/") }

    /// How many lines there are; a new line at the end does not begin another.
    var lineCount: Int { raw.last == 0x0A ? lineStarts.count - 1 : lineStarts.count }

    /// From 1.
    func line(at offset: Int) -> Int {
        var (low, high) = (0, lineStarts.count)
        while low < high {
            let middle = (low + high) / 2
            if lineStarts[middle] <= offset { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The bytes of a line without its end, from the code or from everything.
    func bytes(ofLine line: Int, in bytes: [UInt8]) -> ArraySlice<UInt8> {
        let start = lineStarts[line - 1]
        let end = line < lineStarts.count ? lineStarts[line] - 1 : bytes.count
        return bytes[start..<max(start, end)]
    }

    func text(ofLine line: Int) -> String { String(decoding: bytes(ofLine: line, in: raw), as: UTF8.self) }

    /// Where `word` stands as a whole word: where it begins or ends with a letter, none is next to it.
    func offsets(of word: String, in bytes: [UInt8]) -> [Int] {
        let wanted = Array(word.utf8)
        guard let first = wanted.first, let last = wanted.last else { return [] }
        return bytes.withUnsafeBufferPointer { buffer in
            var found: [Int] = []
            var from = 0
            // memchr and memcmp are fast in a debug build too, where a loop over bytes is not.
            while from + wanted.count <= buffer.count, let hit = memchr(buffer.baseAddress! + from, Int32(first), buffer.count - from) {
                let offset = UnsafeRawPointer(hit) - UnsafeRawPointer(buffer.baseAddress!)
                let end = offset + wanted.count
                guard end <= buffer.count else { break }
                let opens = !first.isWord || offset == 0 || !buffer[offset - 1].isWord
                let closes = !last.isWord || end == buffer.count || !buffer[end].isWord
                if opens, closes, memcmp(hit, wanted, wanted.count) == 0 { found.append(offset) }
                from = offset + 1
            }
            return found
        }
    }

    func mentions(_ word: String) -> Bool { !offsets(of: word, in: code).isEmpty }
}

extension UInt8 {
    /// A letter, a digit, `_`, or part of a character outside ASCII.
    var isWord: Bool {
        self >= 0x80 || self == 0x5F || (self >= 0x30 && self <= 0x39) || (self >= 0x41 && self <= 0x5A) || (self >= 0x61 && self <= 0x7A)
    }
}
