import Synchronization

/// What the workers of a check have done.
final class Ledger: Sendable {
    private let settled = Mutex(0)

    var attempts: Int { settled.withLock { $0 } }

    func add(_ count: Int) { settled.withLock { $0 += count } }
}
