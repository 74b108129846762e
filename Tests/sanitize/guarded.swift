import Synchronization

/// One value behind one lock that four tasks fight for.
final class Counter: Sendable {
    private let value = Mutex(0)

    func add() { value.withLock { $0 += 1 } }
    var total: Int { value.withLock { $0 } }
}

@main
struct Guarded {
    static func main() async {
        let counter = Counter()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<4 {
                group.addTask { for _ in 0..<300_000 { counter.add() } }
            }
        }
        precondition(counter.total == 1_200_000)
    }
}
