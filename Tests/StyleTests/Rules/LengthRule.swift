/// How long lines, functions and files may be.
enum LengthRule {
    static let line = 150
    static let function = 70
    static let sourceFile = 400
    static let testFile = 600

    static func check(_ file: SourceFile) -> [Violation] {
        let limit = file.isTest ? testFile : sourceFile
        var found: [Violation] = []
        if file.lineCount > limit { found.append(Violation(file, line: limit, "the file has \(file.lineCount) lines, more than \(limit)")) }
        for number in 1...max(1, file.lineCount) where file.bytes(ofLine: number, in: file.raw).count > line {
            let width = file.text(ofLine: number).count
            if width > line { found.append(Violation(file, line: number, "the line has \(width) characters, more than \(line)")) }
        }
        return found
            + Outline(file).functions.filter { $0.length > function }.map {
                Violation(file, line: $0.line, "\($0.name) has \($0.length) lines, more than \(function)")
            }
    }
}
