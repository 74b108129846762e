import Glibc
import MartletCore
import SQLiteStore

/// A directory of its own for one test, and the store's file in it.
struct StoreFile: ~Copyable {
    let directory: String
    var path: String { directory + "/martlet.db" }
    let clock = ManualClock()

    init() {
        var template = Array("/tmp/martlet-test-XXXXXX".utf8CString)
        directory = template.withUnsafeMutableBufferPointer { buffer in
            mkdtemp(buffer.baseAddress).map { String(cString: $0) } ?? "/tmp"
        }
    }

    deinit {
        for suffix in ["", "-wal", "-shm"] { unlink(directory + "/martlet.db" + suffix) }
        rmdir(directory)
    }

    func environment(seed: UInt64 = 1) -> Environment { Environment(clock: clock, random: SeededRandom(seed: seed)) }

    func open(seed: UInt64 = 1) async throws(StoreError) -> SQLiteStore {
        try await SQLiteStore(path: path, environment: environment(seed: seed))
    }
}
