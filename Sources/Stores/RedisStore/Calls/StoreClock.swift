import MartletCore
import Synchronization

/// The store's time: whole microseconds, never lower than at the call before.
final class StoreClock: Sendable {
    private let clock: any EngineClock
    private let last = Mutex(Timestamp.epoch)

    init(_ clock: any EngineClock) { self.clock = clock }

    func now() -> Timestamp {
        last.withLock { last in
            last = max(last, clock.now())
            return last
        }
    }
}
