import MartletCore
import SQLiteStore
import StoreConformance

/// The stores under test.
enum Subjects {
    static let all: [StoreFactory] = [.memory, sqlite]

    /// A file of its own for each test, removed with the store.
    static let sqlite = StoreFactory(name: "SQLiteStore") { environment in
        let folder = try TemporaryFolder()
        let store = try await SQLiteStore(path: folder.path(to: "store.db"), environment: environment)
        return FolderStore(base: store, folder: folder)
    }
}
