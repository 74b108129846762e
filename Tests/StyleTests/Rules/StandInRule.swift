/// Nothing that ships stands in for a real part: what would only look as if it worked is not written.
enum StandInRule {
    private static let words = ["mock", "stub", "fake", "dummy", "lorem", "notimplemented"]

    static func check(_ file: SourceFile) -> [Violation] {
        guard !file.isTest, !file.path.hasPrefix("Sources/Testing/") else { return [] }
        let lines = String(decoding: file.code, as: UTF8.self).lowercased().split(separator: "\n", omittingEmptySubsequences: false)
        return lines.enumerated().flatMap { index, line in
            words.filter { line.contains($0) }.map { Violation(file, line: index + 1, "\($0): the real part, or nothing") }
        }
    }
}
