import Foundation

/// Every file belongs to a target, and every type is used by somebody else.
enum DeadCodeRule {
    static func checkTargets(_ files: [SourceFile], manifest: String) -> [Violation] {
        files.compactMap { file in
            let folders = file.folders
            if file.isTest {
                // The formatter may break the line behind the parenthesis.
                guard folders.count >= 2, manifest.filter({ !$0.isWhitespace }).contains("tests(\"\(folders[1])\"") else {
                    return Violation(file, line: 1, "no test target has this file")
                }
                return nil
            }
            guard folders.count >= 3 else { return Violation(file, line: 1, "no target has this file") }
            let isDeclared =
                manifest.contains("martlet(\"\(folders[2])\", \"\(folders[1])\"")
                || manifest.replacingOccurrences(of: "\n", with: " ").split(separator: " ").joined(separator: " ")
                    .contains("martlet( \"\(folders[2])\", \"\(folders[1])\"")
                || manifest.contains("path: \"\(folders[..<3].joined(separator: "/"))\"")
            return isDeclared ? nil : Violation(file, line: 1, "no target has this file")
        }
    }

    /// Types that nobody names, and why that is right.
    private static let exempt = [
        "JSONParser": "JSON reads itself with it, in the same file",
        "SystemRandom": "the system's environment is made of it, in the same file",
    ]

    static func checkTypes(_ files: [SourceFile]) -> [Violation] {
        files.filter { !$0.isTest }.flatMap { file in
            Outline(file).topLevel.filter { $0.isType && !$0.isPrivate && exempt[$0.name] == nil && !isEntry(file) }.compactMap { type in
                let isUsed = files.contains { $0.path != file.path && $0.mentions(type.name) }
                return isUsed ? nil : Violation(file, line: type.line, "no other file names \(type.name)")
            }
        }
    }

    /// Where the process begins nobody else calls it.
    private static func isEntry(_ file: SourceFile) -> Bool { file.mentions("@main") }
}
