import Synchronization

/// A value that is read and written beside its lock.
final class Counter: Sendable {
    private let lock = Mutex(())
    private nonisolated(unsafe) var value = 0

    func add(guarded: Bool) {
        if guarded { lock.withLock { _ in value += 1 } } else { value += 1 }
    }
}

@main
struct Unguarded {
    static func main() async {
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for task in 0..<4 {
                group.addTask { for _ in 0..<100_000 { counter.add(guarded: task > 0) } }
            }
        }
    }
}
