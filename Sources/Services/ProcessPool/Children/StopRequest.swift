import Synchronization

/// Asks for the end of a running command: by its caller, by its deadline, or because nobody can take what it says.
final class StopRequest: Sendable {
    enum Reason: Sendable, Hashable {
        case cancelled, timedOut, failed
    }

    private let first = Mutex<Reason?>(nil)
    private let signal: AsyncStream<Never>
    private let raised: AsyncStream<Never>.Continuation

    init() {
        (signal, raised) = AsyncStream.makeStream(of: Never.self)
    }

    /// The reason that came first.
    var reason: Reason? { first.withLock { $0 } }

    func raise(_ reason: Reason) {
        first.withLock { first in
            if first == nil { first = reason }
        }
        raised.finish()
    }

    /// Returns once a stop was asked for, or the waiting task is cancelled. For one waiter.
    func wait() async {
        for await _ in signal {}
    }
}
