import MartletCore
import SQLiteStore
import StoreConformance
import Testing

@Suite("The counts that are kept")
struct CountTests {
    @Test("They are those of the rows after any operations, and every index is whole", arguments: 1...12)
    func recount(seed: UInt64) async throws {
        let file = try StoreFile()
        let factory = StoreFactory(name: "SQLiteStore") { environment in try await SQLiteStore(path: file.path, environment: environment) }
        try await DifferentialRunner(seed: 1000 + seed, operations: 300, subject: factory).run()
        try await Recount(path: file.path).check()
    }
}
