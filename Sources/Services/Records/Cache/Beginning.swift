import Synchronization

/// Whether something has begun, told from one child task to another.
final class Beginning: Sendable {
    private let flag = Mutex(false)

    func mark() { flag.withLock { $0 = true } }

    var isMarked: Bool { flag.withLock { $0 } }
}
