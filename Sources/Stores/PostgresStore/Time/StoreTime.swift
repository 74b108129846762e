import Database
import MartletCore
import Synchronization

/// Whose clock is the store's time, and what has been seen of it: never lower than at the call before.
final class StoreTime: Sendable {
    /// The clock of the environment, where tests move it; the server's where `nil`.
    private let clock: (any EngineClock)?
    private let last = Mutex(Timestamp.epoch)

    init(_ clock: (any EngineClock)?) { self.clock = clock }

    /// What a function of the database is told: the time, or that it is the server's and not below this.
    var argument: SQL {
        last.withLock { last in
            guard let clock else { return "NULL::timestamptz, \(last)" }
            last = max(last, clock.now())
            return "\(last), \(last)"
        }
    }

    /// The latest time that has been seen.
    var seen: Timestamp { last.withLock { $0 } }

    func saw(_ now: Timestamp) {
        last.withLock { $0 = max($0, now) }
    }
}
