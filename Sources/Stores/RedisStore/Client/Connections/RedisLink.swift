import MartletCore
import NIOCore
import NIOPosix
import Synchronization

/// One connection that any number of callers share, and that comes back by itself when it is lost.
///
/// Callers put requests into a queue; the event loop takes what has gathered and writes it at once. What waits while a connection is being
/// made goes out with it; while none can be had, requests are refused at once.
final class RedisLink: Sendable {
    private enum Phase {
        case idle
        case dialing
        case open(any Channel)
        /// The last attempt failed; the next one begins at this time.
        case resting(until: Duration, RedisError)
        case closed
    }

    private struct State {
        var phase = Phase.idle
        var queue: CallQueue
        var backoff: Backoff
        var lastID: UInt64 = 0
        /// Makes the handler look at the queue, on the event loop.
        var wake: (@Sendable () -> Void)?
        var isWakeUnderWay = false
        var isTicking = false
        var facts = ServerFacts()
    }

    private let state: Mutex<State>
    private let dialer: RedisDialer
    let settings: RedisSettings
    private let environment: Environment
    let eventLoop: any EventLoop
    /// Whether a lost connection is made anew; one for a single use is not.
    private let reconnects: Bool

    init(_ dialer: RedisDialer, _ settings: RedisSettings, _ environment: Environment, on eventLoop: any EventLoop, reconnects: Bool = true) {
        self.dialer = dialer
        self.settings = settings
        self.environment = environment
        self.eventLoop = eventLoop
        self.reconnects = reconnects
        state = Mutex(
            State(queue: CallQueue(settings), backoff: Backoff(base: settings.reconnectBase, max: max(settings.reconnectBase, settings.reconnectMax)))
        )
    }

    /// What the server said when it was last connected.
    var facts: ServerFacts { state.withLock { $0.facts } }

    /// Requests that wait to be written, and that were.
    var load: (waiting: Int, inFlight: Int) { state.withLock { ($0.queue.waitingCount, $0.queue.inFlightCount) } }

    var isClosed: Bool {
        state.withLock { state in
            if case .closed = state.phase { true } else { false }
        }
    }
}

// MARK: - Requests
extension RedisLink {
    /// Sends `count` commands and returns their replies in order. An error that the server answers one with stands in its place.
    func send(_ bytes: ByteBuffer, count: Int, within timeout: Duration? = nil) async throws(RedisError) -> [RESPValue] {
        let timeout = timeout ?? settings.commandTimeout
        let id = state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(
                    RedisCall(id: id, bytes: bytes, count: count, timeout: timeout, deadline: environment.clock.uptime() + timeout) {
                        continuation.resume(returning: $0)
                    })
                // A cancellation that came before the request was in the queue did not find it.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
        return try result.get()
    }

    private func cancel(_ id: UInt64) {
        state.withLock { $0.queue.cancel(id) }?.give()
    }

    private func submit(_ call: RedisCall) {
        enum Next { case nothing, dial, wake(@Sendable () -> Void), refuse(RedisError) }
        let (next, needsTick) = state.withLock { state -> (Next, Bool) in
            switch state.phase {
            case .closed: return (.refuse(.closed), false)
            case .resting(let until, let error):
                // What it is refused for lies in the past, so nothing of this request was sent.
                if environment.clock.uptime() < until { return (.refuse(error.reached(false)), false) }
            case .idle, .dialing, .open: break
            }
            if let refusal = state.queue.add(call) { return (.refuse(refusal), false) }
            let needsTick = !state.isTicking
            state.isTicking = true
            switch state.phase {
            case .idle:
                state.phase = .dialing
                return (.dial, needsTick)
            case .open:
                guard let wake = state.wake, !state.isWakeUnderWay else { return (.nothing, needsTick) }
                state.isWakeUnderWay = true
                return (.wake(wake), needsTick)
            case .dialing, .resting, .closed: return (.nothing, needsTick)
            }
        }
        switch next {
        case .nothing: break
        case .dial: eventLoop.execute { self.dial() }
        case .wake(let wake): wake()
        case .refuse(let error): call.answer(.failure(error))
        }
        if needsTick { eventLoop.execute { self.scheduleTick() } }
    }
}

// MARK: - The handler's side, on the event loop
extension RedisLink {
    /// What to write now.
    func take(bytesMax: Int) -> [ByteBuffer] {
        state.withLock { state in
            state.isWakeUnderWay = false
            return state.queue.take(bytesMax: bytesMax)
        }
    }

    /// Hands replies to whom they answer. Returns whether there is more to write.
    func receive(_ replies: [RESPValue]) throws(RESPFault) -> Bool {
        var due: [CallQueue.Due] = []
        let (fault, hasMore) = state.withLock { state -> (RESPFault?, Bool) in
            do throws(RESPFault) {
                try state.queue.receive(replies, into: &due)
                return (nil, state.queue.hasWaiting)
            } catch {
                return (error, false)
            }
        }
        for answer in due { answer.give() }
        if let fault { throw fault }
        return hasMore
    }

    /// The connection is ready for commands.
    func opened(_ channel: any Channel, _ facts: ServerFacts, wake: @escaping @Sendable () -> Void) {
        let isWanted = state.withLock { state -> Bool in
            guard case .dialing = state.phase else { return false }
            state.phase = .open(channel)
            state.facts = facts
            state.backoff.succeeded()
            state.wake = wake
            state.isWakeUnderWay = true
            return true
        }
        if isWanted { wake() } else { channel.close(promise: nil) }
    }

    /// The connection has ended.
    func lost(_ error: RedisError) {
        let (due, redials) = state.withLock { state -> ([CallQueue.Due], Bool) in
            guard case .open = state.phase else { return ([], false) }
            state.wake = nil
            var due = state.queue.failWritten(error)
            guard reconnects else {
                state.phase = .closed
                due += state.queue.failWaiting(error)
                return (due, false)
            }
            state.phase = .dialing
            return (due, true)
        }
        for answer in due { answer.give() }
        if redials { dial() }
    }
}

// MARK: - Connecting
extension RedisLink {
    private func dial() {
        dialer.dial(for: self).whenFailure { error in
            self.failed(error as? RedisError ?? RedisDialer.failure(error, nil))
        }
    }

    /// No connection could be made.
    private func failed(_ error: RedisError) {
        let (due, delay) = state.withLock { state -> ([CallQueue.Due], Duration?) in
            guard case .dialing = state.phase else { return ([], nil) }
            let due = state.queue.failWaiting(error)
            guard reconnects else {
                state.phase = .closed
                return (due, nil)
            }
            let delay = state.backoff.failed(environment)
            state.phase = .resting(until: environment.clock.uptime() + delay, error)
            return (due, delay)
        }
        for answer in due { answer.give() }
        if let delay { eventLoop.scheduleTask(in: .microseconds(delay.microseconds)) { self.redial() } }
    }

    private func redial() {
        let isDue = state.withLock { state -> Bool in
            guard case .resting = state.phase else { return false }
            state.phase = .dialing
            return true
        }
        if isDue { dial() }
    }
}

// MARK: - Time
extension RedisLink {
    /// How often deadlines are looked at, as a part of the time they give.
    private static var tick: TimeAmount { .milliseconds(20) }

    private func scheduleTick() {
        eventLoop.scheduleTask(in: Self.tick) { self.lookAtDeadlines() }
    }

    private func lookAtDeadlines() {
        let uptime = environment.clock.uptime()
        let (due, stuck, goesOn) = state.withLock { state -> ([CallQueue.Due], (any Channel)?, Bool) in
            var channel: (any Channel)?
            if case .open(let open) = state.phase { channel = open }
            let due = state.queue.expire(at: uptime, waitsForRoom: channel != nil)
            let isStuck = state.queue.isStuck(since: uptime - settings.stuckAfter)
            state.isTicking = !state.queue.isEmpty
            return (due, isStuck ? channel : nil, state.isTicking)
        }
        for answer in due { answer.give() }
        stuck?.close(promise: nil)
        if goesOn { scheduleTick() }
    }
}

// MARK: - The end
extension RedisLink {
    /// Fails what waits and what is under way, and closes the connection. The future is done when the connection is closed.
    func close() -> EventLoopFuture<Void> {
        let (due, channel) = state.withLock { state -> ([CallQueue.Due], (any Channel)?) in
            var channel: (any Channel)?
            if case .open(let open) = state.phase { channel = open }
            state.phase = .closed
            state.wake = nil
            return (state.queue.failWritten(.closed) + state.queue.failWaiting(.closed), channel)
        }
        for answer in due { answer.give() }
        guard let channel else { return eventLoop.makeSucceededVoidFuture() }
        channel.close(promise: nil)
        return channel.closeFuture
    }
}
