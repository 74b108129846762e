import MartletCore
import StoreConformance
import Synchronization

/// Lets something happen before a call, by its number.
final class MeddledStore: RelayingStore {
    let base: any Store
    private let hook: @Sendable (Int) async throws -> Void
    private let calls = Mutex(0)

    init(_ base: any Store, _ hook: @escaping @Sendable (Int) async throws -> Void) {
        self.base = base
        self.hook = hook
    }

    func relay<Answer>(_ call: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer {
        let number = calls.withLock { calls in
            calls += 1
            return calls
        }
        do {
            try await hook(number)
        } catch {
            throw .corrupt(reason: "the hook failed: \(error)")
        }
        return try await call()
    }
}
