import Database
import Synchronization

/// Threads for calls that wait for the disk, which the cooperative pool's threads must not.
final class BlobThreads: Sendable {
    private let threads: [ThreadExecutor]
    private let next = Atomic<Int>(0)

    /// - Throws: where the system has no thread left.
    init(_ count: Int) throws(DatabaseFailure) {
        var threads: [ThreadExecutor] = []
        for _ in 0..<count { threads.append(try ThreadExecutor()) }
        self.threads = threads
    }

    deinit {
        for thread in threads { thread.stop() }
    }

    /// One of them, each in turn.
    func take() -> ThreadExecutor {
        threads[next.wrappingAdd(1, ordering: .relaxed).oldValue % threads.count]
    }
}
