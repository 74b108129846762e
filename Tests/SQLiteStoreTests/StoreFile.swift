import Foundation
import MartletCore
import SQLiteStore
import StoreConformance

/// A folder of its own for one test, and the store's file in it. Removed when nobody holds it any more.
final class StoreFile: Sendable {
    let folder: URL
    let clock = ManualClock()

    var path: String { folder.appending(path: "martlet.db").path(percentEncoded: false) }

    init() throws {
        folder = FileManager.default.temporaryDirectory.appending(path: "martlet-sqlite-\(Environment.system.makeJobID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    deinit {
        do {
            try FileManager.default.removeItem(at: folder)
        } catch {
            // What is left in the system's folder for temporary files, the system removes.
        }
    }

    /// Opens the file under the test's clock.
    func open(seed: UInt64 = 1) async throws(StoreError) -> SQLiteStore {
        try await SQLiteStore(path: path, environment: Environment(clock: clock, random: SeededRandom(seed: seed)))
    }
}
