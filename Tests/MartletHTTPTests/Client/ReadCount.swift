import MartletCore
import Synchronization

/// Counts how often streams are read.
final class ReadCount: Sendable {
    private let number = Mutex(0)

    var count: Int { number.withLock { $0 } }

    func wrap(_ store: MemoryStore) -> any Store {
        CountedStore(store: store) { self.number.withLock { $0 += 1 } }
    }
}
