import Foundation

/// Names of files as the user may write them.
enum FilePaths {
    static var currentFolder: String { FileManager.default.currentDirectoryPath }

    /// `path` as an absolute one without `.` and `..`.
    static func absolute(_ path: String, in folder: String) -> String {
        let full = path.hasPrefix("/") ? path : "\(folder)/\(path)"
        return URL(filePath: full).standardizedFileURL.path(percentEncoded: false)
    }

    static func folder(of path: String) -> String {
        let folder = URL(filePath: path).deletingLastPathComponent().path(percentEncoded: false)
        return folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    }

    static func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    /// Bytes, or `nil` where there is no such file.
    static func size(_ path: String) -> Int? {
        guard exists(path) else { return nil }
        do {
            return try FileManager.default.attributesOfItem(atPath: path)[.size].flatMap { ($0 as? NSNumber)?.intValue }
        } catch {
            return nil
        }
    }
}
