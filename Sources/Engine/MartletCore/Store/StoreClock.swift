import Synchronization

/// The store's time: whole microseconds, never lower than at the call before.
package final class StoreClock: Sendable {
    private let clock: any EngineClock
    private let last = Mutex(Timestamp.epoch)

    package init(_ clock: any EngineClock) { self.clock = clock }

    package func now() -> Timestamp {
        last.withLock { last in
            last = max(last, clock.now())
            return last
        }
    }
}
