import CLibPQ
import Glibc
import MartletCore
import Synchronization

/// A thread of its own that runs the jobs of one actor, so that calls that block never hold a thread of the cooperative pool.
/// Between two jobs it watches one socket.
package final class ThreadExecutor: SerialExecutor {
    /// What the thread does while it has no job.
    struct Watch: Sendable {
        /// -1 watches none.
        var socket: Int32 = -1
        /// The longest wait; `nil` is for ever.
        var timeout: Duration?
        /// Called on the thread when the socket has something to say, or the time is over.
        var ready: @Sendable () -> Void
    }

    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct State {
        var work: [Work] = []
        var isWaiting = false
        var isStopped = false
        var watch: Watch?
        var thread: pthread_t?
    }

    private enum Next {
        case work([Work])
        case wait(Watch?)
        case stop
    }

    private let state = Mutex(State())
    let bell: Bell

    /// Starts the thread, which lives until `stop`.
    /// - Throws: where the system has no thread or descriptor left.
    package init() throws(DatabaseFailure) {
        bell = try Bell()
        var thread = pthread_t()
        let code = pthread_create(
            &thread, nil,
            { context in
                guard let context else { return nil }
                Unmanaged<ThreadExecutor>.fromOpaque(context).takeRetainedValue().work()
                return nil
            }, Unmanaged.passRetained(self).toOpaque())
        guard code == 0 else {
            Unmanaged.passUnretained(self).release()
            throw DatabaseFailure(.unavailable, reason: "the system has no thread left: raise the limit (ulimit -u), or make the pool smaller")
        }
        pthread_detach(thread)
    }

    package func enqueue(_ job: consuming ExecutorJob) {
        add(.job(UnownedJob(job)))
    }

    /// Runs `call` on the thread, behind what is there already. For callers that cannot wait.
    func submit(_ call: @escaping @Sendable () -> Void) {
        add(.call(call))
    }

    private func add(_ work: Work) {
        let mustRing = state.withLock { state in
            state.work.append(work)
            defer { state.isWaiting = false }
            return state.isWaiting
        }
        if mustRing { bell.ring() }
    }

    func watch(_ watch: Watch?) {
        state.withLock { $0.watch = watch }
        bell.ring()
    }

    /// Ends the thread once its jobs are done.
    package func stop() {
        state.withLock {
            $0.isStopped = true
            $0.watch = nil
        }
        bell.ring()
    }

    package func checkIsolated() {
        precondition(state.withLock { $0.thread } == pthread_self(), "called from another thread than the connection's own")
    }

    private func work() {
        state.withLock { $0.thread = pthread_self() }
        while true {
            switch next() {
            case .stop: return
            case .work(let work):
                for piece in work {
                    switch piece {
                    case .job(let job): job.runSynchronously(on: asUnownedSerialExecutor())
                    case .call(let call): call()
                    }
                }
            case .wait(let watch):
                let heard = bell.wait(socket: watch?.socket ?? -1, timeout: watch?.timeout)
                if heard.rang { bell.silence() }
                state.withLock { $0.isWaiting = false }
                if heard.socket || !heard.rang { watch?.ready() }
            }
        }
    }

    private func next() -> Next {
        state.withLock { state in
            if !state.work.isEmpty {
                defer { state.work = [] }
                return .work(state.work)
            }
            if state.isStopped { return .stop }
            state.isWaiting = true
            return .wait(state.watch)
        }
    }
}
