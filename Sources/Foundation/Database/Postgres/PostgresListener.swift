import CLibPQ
import MartletCore
import Synchronization

/// One connection that listens for everybody, there only while somebody does. It waits for the socket, so that an idle listener costs
/// nothing, and connects anew with jitter when it is cut off.
final class PostgresListener: Sendable {
    private struct Subscription {
        let channels: Set<String>
        let continuation: AsyncStream<PostgresNotification>.Continuation
    }

    private struct State {
        var subscriptions: [Int: Subscription] = [:]
        var next = 0
        var thread: ThreadExecutor?
        var isClosed = false
        var closing: [CheckedContinuation<Void, Never>] = []
    }

    /// Hints that wait for a reader who does not come: the newest say as much as all of them.
    private static let kept = 256

    private let address: PostgresAddress
    private let state = Mutex(State())

    init(_ address: PostgresAddress) {
        self.address = address
    }

    func notifications(_ channels: [String]) -> AsyncStream<PostgresNotification> {
        AsyncStream(bufferingPolicy: .bufferingNewest(Self.kept)) { continuation in
            let id = state.withLock { state -> Int? in
                guard !state.isClosed else { return nil }
                state.next += 1
                state.subscriptions[state.next] = Subscription(channels: Set(channels), continuation: continuation)
                wake(&state)
                return state.next
            }
            guard let id else { return continuation.finish() }
            continuation.onTermination = { [weak self] _ in self?.remove(id) }
        }
    }

    private func remove(_ id: Int) {
        state.withLock { state in
            state.subscriptions[id] = nil
            state.thread?.bell.ring()
        }
    }

    /// Ends every stream and the connection.
    func shut() {
        let subscriptions = state.withLock { state in
            state.isClosed = true
            defer { state.subscriptions = [:] }
            state.thread?.bell.ring()
            return state.subscriptions
        }
        for subscription in subscriptions.values { subscription.continuation.finish() }
    }

    /// Returns when the connection is closed.
    func close() async {
        shut()
        await withCheckedContinuation { continuation in
            let isGone = state.withLock { state in
                if state.thread == nil { return true }
                state.closing.append(continuation)
                return false
            }
            if isGone { continuation.resume() }
        }
    }

    // MARK: The thread

    private func wake(_ state: inout State) {
        if let thread = state.thread { return thread.bell.ring() }
        guard address.canListen else { return }
        do {
            let thread = try ThreadExecutor()
            state.thread = thread
            thread.submit { self.listen(thread) }
        } catch {
            // No thread to be had: the next subscriber tries again, and hints are lost meanwhile.
        }
    }

    private var channels: Set<String> {
        state.withLock { $0.subscriptions.values.reduce(into: []) { $0.formUnion($1.channels) } }
    }

    private func listen(_ thread: ThreadExecutor) {
        var backoff = Backoff(base: .milliseconds(200), max: .seconds(10))
        while !isOver(thread) {
            do {
                let connection = PostgresConnection(
                    try address.connect(toListen: true), interruption: Interruption(bell: thread.bell), clock: address.environment.clock,
                    settings: address.settings, traits: ServerTraits(prepares: false))
                try follow(connection, thread) { backoff.succeeded() }
            } catch {
                pause(backoff.failed(address.environment), thread)
            }
        }
    }

    /// Nobody listens any more: the thread and its connection go.
    private func isOver(_ thread: ThreadExecutor) -> Bool {
        let closing = state.withLock { state -> [CheckedContinuation<Void, Never>]? in
            guard state.subscriptions.isEmpty else { return nil }
            state.thread = nil
            defer { state.closing = [] }
            return state.closing
        }
        guard let closing else { return false }
        thread.stop()
        for continuation in closing { continuation.resume() }
        return true
    }

    /// Hands out what comes in, until nobody listens.
    /// - Throws: when the connection ends.
    private func follow(_ connection: PostgresConnection, _ thread: ThreadExecutor, _ succeeded: () -> Void) throws {
        var heard: Set<String> = []
        while true {
            let wanted = channels
            if wanted.isEmpty { return }
            if wanted != heard {
                let changes =
                    heard.subtracting(wanted).map { "UNLISTEN " + SQL(identifier: $0) }
                    + wanted.subtracting(heard).map { "LISTEN " + SQL(identifier: $0) }
                _ = try connection.batch(changes)
                heard = wanted
                succeeded()
                hand(.unspecific)
                // Whoever rang while the statements were under way was not heard.
                continue
            }
            while let notification = connection.nextNotification() { hand(notification) }
            let heard = thread.bell.wait(socket: PQsocket(connection.pg), timeout: address.settings.checkInterval)
            if heard.rang { thread.bell.silence() }
            if heard.socket, connection.notice() { throw DatabaseFailure.lost(mayHaveHappened: false) }
            if !heard.rang, !heard.socket, !connection.answers() { throw DatabaseFailure.lost(mayHaveHappened: false) }
        }
    }

    private func hand(_ notification: PostgresNotification) {
        let subscriptions = state.withLock { $0.subscriptions }
        for subscription in subscriptions.values {
            if case .message(let channel, _) = notification, !subscription.channels.contains(channel) { continue }
            subscription.continuation.yield(notification)
        }
    }

    private func pause(_ wait: Duration, _ thread: ThreadExecutor) {
        let end = address.environment.clock.uptime() + wait
        while !state.withLock({ $0.subscriptions.isEmpty }) {
            let left = end - address.environment.clock.uptime()
            guard left > .zero else { return }
            if thread.bell.wait(timeout: left).rang { thread.bell.silence() }
        }
    }
}
