import Foundation

/// The files of the repository that this test stands in.
enum Repository {
    static let root: URL = {
        var folder = URL(filePath: #filePath).deletingLastPathComponent()
        while folder.path.count > 1, !FileManager.default.fileExists(atPath: folder.appending(path: "Package.swift").path) {
            folder.deleteLastPathComponent()
        }
        return folder
    }()

    static let manifest = read("Package.swift")

    /// Every Swift file below `Sources` and `Tests`, by path.
    static let files: [SourceFile] = ["Sources", "Tests"].flatMap { folder -> [SourceFile] in
        let paths = FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix(".swift") }.sorted().map { SourceFile(path: "\(folder)/\($0)", text: read("\(folder)/\($0)")) }
    }

    /// The scripts that prove something from outside.
    static let scripts: [SourceFile] = ["Tests", "Benchmarks"].flatMap { folder -> [SourceFile] in
        let paths = FileManager.default.enumerator(atPath: root.appending(path: folder).path)?.compactMap { $0 as? String } ?? []
        return paths.filter { $0.hasSuffix("/run") || $0.hasSuffix(".py") || $0.hasSuffix(".sh") }.sorted()
            .map { SourceFile(path: "\(folder)/\($0)", text: read("\(folder)/\($0)")) }
    }

    static var sources: [SourceFile] { files.filter { !$0.isTest } }

    /// A file that cannot be read, or is gone since it was listed, is empty.
    private static func read(_ path: String) -> String {
        FileManager.default.contents(atPath: root.appending(path: path).path).map { String(decoding: $0, as: UTF8.self) } ?? ""
    }
}
