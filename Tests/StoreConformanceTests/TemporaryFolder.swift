import Foundation
import MartletCore

/// A folder that is removed when nobody holds it any more.
final class TemporaryFolder: Sendable {
    private let url: URL

    init() throws {
        url = FileManager.default.temporaryDirectory.appending(path: "martlet-conformance-\(Environment.system.makeJobID())")
        try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: url)
        } catch {
            // What is left in the system's folder for temporary files, the system removes.
        }
    }

    func path(to name: String) -> String { url.appending(path: name).path(percentEncoded: false) }
}
