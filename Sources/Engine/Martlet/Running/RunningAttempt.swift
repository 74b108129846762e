import Synchronization

/// Why an attempt is stopped from outside.
enum StopReason: Sendable {
    case timeout
    case cancelRequested
    case leaseLost
    case shutdown
}

/// One attempt under way: the handle by which the rest of the engine can stop it.
final class RunningAttempt: Sendable {
    private struct State {
        var reason: StopReason?
        var isOver = false
    }

    let lease: Lease
    /// The node's generation under which the lease was given.
    let generation: Int
    /// By `EngineClock.uptime`.
    let deadline: Duration
    private let state = Mutex(State())
    private let bell = Doorbell()

    init(lease: Lease, generation: Int, deadline: Duration) {
        self.lease = lease
        self.generation = generation
        self.deadline = deadline
    }

    /// Why it was stopped, if it was.
    var reason: StopReason? { state.withLock { $0.reason } }

    /// The first reason stands, but for `leaseLost`: whoever has lost the lease has nothing to settle any more.
    func stop(_ reason: StopReason) {
        state.withLock { state in
            if state.reason == nil || reason == .leaseLost { state.reason = reason }
        }
        bell.ring()
    }

    /// Runs `body` as a child task, which is cancelled as soon as the attempt is stopped.
    func run<Value: Sendable>(_ body: @escaping @Sendable () async -> Value) async -> Value {
        await withTaskGroup(of: Value.self) { group in
            group.addTask {
                let value = await body()
                self.state.withLock { $0.isOver = true }
                self.bell.ring()
                return value
            }
            while !state.withLock({ $0.isOver || $0.reason != nil }), !Task.isCancelled { await bell.wait() }
            if reason != nil { group.cancelAll() }
            guard let value = await group.next() else { preconditionFailure("the group has one child") }
            return value
        }
    }
}
