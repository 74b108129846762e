import MartletCore
import Synchronization

/// The shell of a pool: carries out on threads and connections what the rules say.
final class PostgresPool: Sendable {
    /// A connection, and the number of this use of it.
    struct Lease: Sendable {
        let session: PostgresSession
        let use: Int
    }

    private struct Shell {
        var state: PoolState
        var sessions: [Int: PostgresSession] = [:]
        /// Sessions whose connection is being closed.
        var ending = 0
        var waiting: [Int: CheckedContinuation<Lease, any Error>] = [:]
        var closing: [CheckedContinuation<Void, Never>] = []
        var nextUse = 1
        var backoff = Backoff(base: .milliseconds(100), max: .seconds(2))
        /// When the timer's thread will look again.
        var armedFor: Duration?
        var isClosed = false
    }

    let address: PostgresAddress
    private let shell: Mutex<Shell>
    private let timer: ThreadExecutor

    init(_ address: PostgresAddress) throws(DatabaseFailure) {
        self.address = address
        let settings = address.settings
        let limits = PoolLimits(
            size: settings.connections, wait: settings.wait, checkInterval: settings.checkInterval, idleMax: settings.idleMax)
        shell = Mutex(Shell(state: PoolState(limits)))
        timer = try ThreadExecutor()
    }

    private var now: Duration { address.environment.clock.uptime() }

    var metrics: PoolMetrics { shell.withLock { $0.state.metrics } }

    /// - Throws: `DatabaseFailure` where the wait was too long, `CancellationError`.
    func acquire(until: Duration?) async throws -> Lease {
        let waiter = shell.withLock { shell in
            shell.nextUse += 1
            return shell.nextUse
        }
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                perform { shell in
                    shell.waiting[waiter] = continuation
                    return shell.state.acquire(waiter, until: until, now: now)
                }
                // Its cancellation may have come before it was known.
                if Task.isCancelled { abandon(waiter) }
            }
        } onCancel: {
            abandon(waiter)
        }
    }

    private func abandon(_ waiter: Int) {
        let continuation = shell.withLock { shell in
            shell.state.abandon(waiter)
            return shell.waiting.removeValue(forKey: waiter)
        }
        continuation?.resume(throwing: CancellationError())
    }

    func release(_ lease: Lease, isUsable: Bool) {
        perform { $0.state.release(lease.session.id, isUsable: isUsable, now: now) }
    }

    /// Refuses everything from now on, and returns when the last connection has been closed.
    func close(grace: Duration) async {
        await withCheckedContinuation { continuation in
            shell.withLock { $0.closing.append(continuation) }
            shut(grace: grace)
        }
    }

    /// Refuses everything from now on.
    func shut(grace: Duration) {
        perform { shell in
            shell.isClosed = true
            return shell.state.close(grace: grace, now: now)
        }
    }

    // MARK: Carrying out

    private enum Errand {
        case hand(CheckedContinuation<Lease, any Error>, Lease)
        case refuse(CheckedContinuation<Lease, any Error>, DatabaseFailure)
        case open(Int)
        case check(PostgresSession)
        case close(PostgresSession)
        case interrupt(PostgresSession)
        case closed([CheckedContinuation<Void, Never>])
    }

    private func perform(_ step: (inout Shell) -> [PoolAction]) {
        let errands = shell.withLock { shell in
            let actions = step(&shell)
            var errands = actions.compactMap { errand($0, &shell) }
            if shell.isClosed, shell.state.isEmpty, shell.sessions.isEmpty, shell.ending == 0 {
                errands.append(.closed(shell.closing))
                shell.closing = []
            }
            if let next = shell.state.nextTick, shell.armedFor.map({ next < $0 }) ?? true {
                shell.armedFor = next
                timer.watch(ThreadExecutor.Watch(timeout: max(.zero, next - now)) { self.tick() })
            }
            return errands
        }
        for errand in errands { run(errand) }
    }

    private func errand(_ action: PoolAction, _ shell: inout Shell) -> Errand? {
        switch action {
        case .lease(let id, let waiter):
            guard let session = shell.sessions[id], let continuation = shell.waiting.removeValue(forKey: waiter) else { return nil }
            session.interruption.begin(waiter)
            return .hand(continuation, Lease(session: session, use: waiter))
        case .refuse(let waiter, let failure): return shell.waiting.removeValue(forKey: waiter).map { .refuse($0, failure) }
        case .open(let id): return .open(id)
        case .check(let id): return shell.sessions[id].map { .check($0) }
        case .interrupt(let id): return shell.sessions[id].map { .interrupt($0) }
        case .close(let id):
            guard let session = shell.sessions.removeValue(forKey: id) else { return nil }
            shell.ending += 1
            return .close(session)
        }
    }

    private func run(_ errand: Errand) {
        switch errand {
        case .hand(let continuation, let lease): continuation.resume(returning: lease)
        case .refuse(let continuation, let failure): continuation.resume(throwing: failure)
        case .open(let id): open(id)
        case .check(let session):
            session.executor.submit {
                let isAlive = session.assumeIsolated { $0.isAlive() }
                self.perform { $0.state.checked(session.id, isAlive: isAlive, now: self.now) }
            }
        case .interrupt(let session): session.interruption.interrupt(nil, .closing)
        case .close(let session):
            session.executor.submit {
                session.assumeIsolated { $0.close() }
                self.perform { shell in
                    shell.ending -= 1
                    return []
                }
            }
        case .closed(let continuations):
            timer.stop()
            for continuation in continuations { continuation.resume() }
        }
    }

    private func tick() {
        timer.watch(nil)
        perform { shell in
            shell.armedFor = nil
            return shell.state.tick(now: now)
        }
    }

    private func open(_ id: Int) {
        let session: PostgresSession
        do {
            session = try PostgresSession(id: id, database: address)
        } catch {
            return failed(id, error)
        }
        shell.withLock { $0.sessions[id] = session }
        session.executor.submit {
            let failure = session.assumeIsolated { $0.connect { self.perform { $0.state.ended(id, now: self.now) } } }
            if let failure { return self.failed(id, failure) }
            let (settings, environment) = (self.address.settings, self.address.environment)
            let lifetime = settings.ageMax - environment.duration(upTo: settings.ageMax / 5)
            let earlier = environment.duration(upTo: settings.checkInterval / 5)
            self.perform { shell in
                shell.backoff.succeeded()
                return shell.state.opened(id, lifetime: lifetime, checkedEarlier: earlier, now: self.now)
            }
        }
    }

    private func failed(_ id: Int, _ failure: DatabaseFailure) {
        perform { shell in
            let delay = shell.backoff.failed(address.environment)
            return shell.state.failedToOpen(id, failure, delay: delay, now: now)
        }
    }
}
