/// Each import of a source file stands in the table of floors.
enum ImportRule {
    static func check(_ file: SourceFile) -> [Violation] {
        guard file.folders.count >= 3 else { return [Violation(file, line: 1, "a source file belongs to Sources/<floor>/<target>")] }
        let target = file.folders[2]
        guard let floor = Floor.table[target] else { return [Violation(file, line: 1, "target \(target) is not in the table of floors")] }
        return imports(of: file).compactMap { line, module in
            let confined = Floor.confined.filter { $0.target == target && $0.module == module }
            if let first = confined.first, !confined.contains(where: { file.path.hasSuffix("/\($0.file)") }) {
                return Violation(file, line: line, "\(target) imports \(module) in \(first.file) alone: \(first.reason)")
            }
            let isAllowed = floor.own.contains(module) || floor.outside.contains(module) || Floor.platform.contains(module)
            return isAllowed ? nil : Violation(file, line: line, "\(target) must not import \(module)")
        }
    }

    static func imports(of file: SourceFile) -> [(line: Int, module: String)] {
        file.offsets(of: "import", in: file.code).compactMap { offset in
            let line = file.line(at: offset)
            let words = String(decoding: file.bytes(ofLine: line, in: file.code), as: UTF8.self).split(separator: " ")
            guard let position = words.firstIndex(of: "import"), words[..<position].allSatisfy({ modifiers.contains($0) || $0.hasPrefix("@") }) else {
                return nil
            }
            let rest = words[(position + 1)...].drop { kinds.contains($0) }
            return rest.first.map { (line, String($0.prefix { $0 != "." })) }
        }
    }

    private static let modifiers: Set<Substring> = ["public", "package", "internal", "private", "fileprivate"]
    private static let kinds: Set<Substring> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
}
