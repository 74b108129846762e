import Foundation
import MartletCore

/// A folder for one test, removed after it.
struct TemporaryFolder {
    let path: String

    static func with<Result>(_ body: (TemporaryFolder) throws -> Result) throws -> Result {
        let folder = try make()
        defer { folder.remove() }
        return try body(folder)
    }

    static func with<Result>(_ body: (TemporaryFolder) async throws -> Result) async throws -> Result {
        let folder = try make()
        defer { folder.remove() }
        return try await body(folder)
    }

    private static func make() throws -> TemporaryFolder {
        let url = FileManager.default.temporaryDirectory.appending(path: "martlet-test-\(Environment.system.makeJobID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
        return TemporaryFolder(path: url.standardizedFileURL.path(percentEncoded: false))
    }

    private func remove() {
        do { try FileManager.default.removeItem(atPath: path) } catch { return }
    }

    @discardableResult
    func write(_ text: String, to name: String) throws -> String {
        let file = "\(path)/\(name)"
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }
}
