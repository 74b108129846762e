import MartletCore
import StoreConformance

/// A store that takes its folder with it.
struct FolderStore: RelayingStore {
    let base: any Store
    let folder: TemporaryFolder

    func relay<Answer>(_ call: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer { try await call() }
}
