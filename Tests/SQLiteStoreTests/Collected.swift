import Synchronization

/// What concurrent parts of a test put together.
final class Collected<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { values.withLock { $0 } }

    func add(_ more: [Value]) { values.withLock { $0 += more } }
}
