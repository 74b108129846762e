import MartletCore
import MartletTesting
import Synchronization

/// Counts how often streams are read.
final class ReadCount: Sendable {
    private let number = Mutex(0)

    var count: Int { number.withLock { $0 } }

    func wrap(_ store: MemoryStore) -> any Store {
        HookedStore(base: store) { call, _ throws(StoreError) in
            if call == "read" { self.number.withLock { $0 += 1 } }
        }
    }
}
