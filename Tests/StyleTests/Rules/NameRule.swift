/// A file is named after a type it declares, or `Type+Topic` after one it extends; folders are concepts.
enum NameRule {
    private static let vagueFolders: Set<String> = [
        "Utils", "Utilities", "Util", "Helpers", "Helper", "Models", "Model", "Common", "Misc", "Shared", "Extensions", "Managers", "Support",
        "Stuff", "Base", "Types", "Other",
    ]

    /// Files without a type of their own, and why.
    private static let exempt = [
        "Sources/Engine/Martlet/Exports.swift": "re-exports the core"
    ]

    static func check(_ file: SourceFile) -> [Violation] {
        var found = file.folders.filter(vagueFolders.contains).map { Violation(file, line: 1, "a folder named \($0) says nothing: name the concept") }
        guard exempt[file.path] == nil, file.name != "main" else { return found }
        let topLevel = Outline(file).topLevel
        if let plus = file.name.firstIndex(of: "+") {
            if !topLevel.contains(where: { $0.name == file.name[..<plus] || $0.name.split(separator: ".").last == file.name[..<plus] }) {
                found.append(Violation(file, line: 1, "the file extends no \(file.name[..<plus])"))
            }
        } else if !topLevel.contains(where: { $0.isType && $0.name == file.name }) {
            found.append(Violation(file, line: 1, "the file declares no type named \(file.name)"))
        }
        return found
    }
}
