import MartletCore
import NIOCore
import Synchronization

/// One connection that any number of callers share, and that comes back by itself when it is lost.
///
/// Callers put requests into a queue; the event loop takes what has gathered and writes it at once. What waits while a lost connection is
/// made anew goes out with it. Once an attempt has failed, requests are refused at once until one succeeds; attempts follow each other with
/// backoff. A server that keeps the connection and does not answer is left alone by the circuit breaker.
final class RedisLink: Sendable {
    private enum Phase {
        case idle
        case dialing
        case open(RedisLane)
        /// The last attempt failed; the next one is planned.
        case resting
        case closed
    }

    private struct State {
        var phase = Phase.idle
        var queue: CallQueue
        var backoff: Backoff
        var breaker: CircuitBreaker
        var lastID: UInt64 = 0
        /// Why the last attempt failed, until one succeeds.
        var failure: RedisError?
        var isWakeUnderWay = false
        var isTicking = false
        /// Whether the connection is given up as soon as what is written on it has been answered.
        var isLeaving = false
        /// Whether this connection has answered anything.
        var hasServed = false
        /// Whether a lost connection is made anew.
        var reconnects: Bool
        var facts = ServerFacts()
    }

    /// What the handler does after it has handed over replies.
    enum Next { case rest, write, leave }

    /// How often deadlines are looked at while there are any.
    private static let tick = TimeAmount.milliseconds(20)

    let settings: RedisSettings
    let eventLoop: any EventLoop
    private let dialer: RedisDialer
    private let environment: Environment
    private let state: Mutex<State>

    /// - Parameter reconnects: whether a lost connection is made anew; one for a single use is not.
    init(_ dialer: RedisDialer, _ settings: RedisSettings, _ environment: Environment, on eventLoop: any EventLoop, reconnects: Bool = true) {
        self.dialer = dialer
        self.settings = settings
        self.environment = environment
        self.eventLoop = eventLoop
        let backoff = Backoff(base: settings.reconnectBase, max: max(settings.reconnectBase, settings.reconnectMax))
        state = Mutex(State(queue: CallQueue(settings), backoff: backoff, breaker: CircuitBreaker(settings.breaker), reconnects: reconnects))
    }

    /// What the server said when it was last connected.
    var facts: ServerFacts { state.withLock { $0.facts } }

    var isClosed: Bool {
        state.withLock { state in
            if case .closed = state.phase { true } else { false }
        }
    }

    var isOpen: Bool {
        state.withLock { state in
            if case .open = state.phase { true } else { false }
        }
    }
}

// MARK: - Requests
extension RedisLink {
    /// Sends `count` commands and returns their replies in order. An error that the server answers one with stands in its place.
    func send(_ bytes: ByteBuffer, count: Int, within timeout: Duration? = nil) async throws(RedisError) -> [RESPValue] {
        let id = makeID()
        let result = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                submit(id, bytes, count, timeout) { continuation.resume(returning: $0) }
                // A cancellation that came before the request was in the queue did not find it.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
        return try result.get()
    }

    /// Sends one command, for those who are on the event loop.
    func ask(_ command: RedisCommand) -> EventLoopFuture<RESPValue> {
        let promise = eventLoop.makePromise(of: RESPValue.self)
        submit(makeID(), command.encoded, 1, nil) { result in
            promise.completeWith(
                result.flatMap { replies in
                    if let refusal = replies[0].refusal { .failure(.refused(refusal)) } else { .success(replies[0]) }
                }.mapError { $0 as any Error })
        }
        return promise.futureResult
    }

    private func makeID() -> UInt64 {
        state.withLock { state in
            state.lastID += 1
            return state.lastID
        }
    }

    private func cancel(_ id: UInt64) {
        state.withLock { $0.queue.cancel(id) }?.give()
    }

    private func submit(_ id: UInt64, _ bytes: ByteBuffer, _ count: Int, _ timeout: Duration?, _ answer: @escaping RedisCall.Answer) {
        enum Step { case nothing, dial, wake(RedisLane), refuse(RedisError) }
        let uptime = environment.clock.uptime()
        let timeout = timeout ?? settings.commandTimeout
        let (step, needsTick) = state.withLock { state -> (Step, Bool) in
            if case .closed = state.phase { return (.refuse(.closed), false) }
            if let failure = state.failure { return (.refuse(failure), false) }
            let permit: CircuitBreaker.Permit
            switch state.breaker.admit(at: uptime) {
            case .permitted(let leave): permit = leave
            case .refused(let pause):
                let reason = "it has stopped answering, and is asked again in \(pause.inSeconds) s"
                return (.refuse(.unavailable(reason: reason, mayHaveHappened: false)), false)
            }
            let call = RedisCall(
                id: id, bytes: bytes, count: count, timeout: timeout, deadline: uptime + timeout, permit: permit, answer: answer)
            if let refusal = state.queue.add(call) { return (.refuse(refusal), false) }
            let needsTick = !state.isTicking
            state.isTicking = true
            switch state.phase {
            case .idle:
                state.phase = .dialing
                return (.dial, needsTick)
            case .open(let lane) where !state.isWakeUnderWay:
                state.isWakeUnderWay = true
                return (.wake(lane), needsTick)
            case .open, .dialing, .resting, .closed: return (.nothing, needsTick)
            }
        }
        switch step {
        case .nothing: break
        case .dial: eventLoop.execute { self.dial() }
        case .wake(let lane): lane.wake()
        case .refuse(let error): answer(.failure(error))
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
            return state.isLeaving ? [] : state.queue.take(bytesMax: bytesMax)
        }
    }

    /// Hands replies to whom they answer.
    func receive(_ replies: [RESPValue]) throws(RESPFault) -> Next {
        let uptime = environment.clock.uptime()
        var due: [CallQueue.Due] = []
        let outcome = state.withLock { state -> Result<Next, RESPFault> in
            do throws(RESPFault) {
                try state.queue.receive(replies, into: &due)
            } catch {
                return .failure(error)
            }
            for answer in due { Self.note(answer, in: &state.breaker, at: uptime) }
            state.hasServed = true
            state.backoff.succeeded()
            // What is no master any more will not become one while we wait: look again who is.
            if dialer.isForMaster, replies.contains(where: { $0.refusal?.kind == .readOnly }) { state.isLeaving = true }
            if state.isLeaving { return .success(state.queue.inFlightCount == 0 ? .leave : .rest) }
            return .success(state.queue.hasWaiting ? .write : .rest)
        }
        for answer in due { answer.give() }
        return try outcome.get()
    }

    private static func note(_ due: CallQueue.Due, in breaker: inout CircuitBreaker, at uptime: Duration) {
        if let isAnswered = due.isAnswered { breaker.record(due.permit, succeeded: isAnswered, at: uptime) }
    }

    /// The connection is ready for commands.
    func opened(_ lane: RedisLane) {
        let isWanted = state.withLock { state -> Bool in
            guard case .dialing = state.phase else { return false }
            state.phase = .open(lane)
            state.facts = lane.facts
            state.failure = nil
            // Who has just greeted is trusted again.
            state.breaker = CircuitBreaker(settings.breaker)
            state.isLeaving = false
            state.hasServed = false
            state.isWakeUnderWay = true
            return true
        }
        if isWanted { lane.wake() } else { lane.end(.closed) }
    }

    /// The connection has ended.
    func lost(_ lane: RedisLane, _ error: RedisError) {
        enum Step { case nothing, dial, rest(Duration) }
        let (due, step) = state.withLock { state -> ([CallQueue.Due], Step) in
            guard case .open(let current) = state.phase, current.isSame(as: lane) else { return ([], .nothing) }
            let written = state.queue.failWritten(error)
            guard state.reconnects else {
                state.phase = .closed
                return (written + state.queue.failWaiting(error), .nothing)
            }
            guard !state.hasServed else {
                state.phase = .dialing
                return (written, .dial)
            }
            // A server that greets and hangs up again is none.
            let (waiting, delay) = rest(&state, error)
            return (written + waiting, .rest(delay))
        }
        for answer in due { answer.give() }
        switch step {
        case .nothing: break
        case .dial: dial()
        case .rest(let delay): scheduleDial(in: delay)
        }
    }
}

// MARK: - Connecting
extension RedisLink {
    private func dial() {
        dialer.dial(for: self).whenFailure { self.failed(RedisDialer.failure($0, nil)) }
    }

    /// No connection could be made.
    private func failed(_ error: RedisError) {
        let (due, delay) = state.withLock { state -> ([CallQueue.Due], Duration?) in
            guard case .dialing = state.phase else { return ([], nil) }
            guard state.reconnects else {
                state.phase = .closed
                state.failure = error.reached(false)
                return (state.queue.failWaiting(error), nil)
            }
            let (due, delay) = rest(&state, error)
            return (due, delay)
        }
        for answer in due { answer.give() }
        if let delay { scheduleDial(in: delay) }
    }

    private func rest(_ state: inout State, _ error: RedisError) -> ([CallQueue.Due], Duration) {
        state.phase = .resting
        state.failure = error.reached(false)
        return (state.queue.failWaiting(error), state.backoff.failed(environment))
    }

    private func scheduleDial(in delay: Duration) {
        eventLoop.scheduleTask(in: .microseconds(delay.microseconds)) {
            let isDue = self.state.withLock { state -> Bool in
                guard case .resting = state.phase else { return false }
                state.phase = .dialing
                return true
            }
            if isDue { self.dial() }
        }
    }
}

// MARK: - Time
extension RedisLink {
    private func scheduleTick() {
        eventLoop.scheduleTask(in: Self.tick) { self.lookAtDeadlines() }
    }

    private func lookAtDeadlines() {
        let uptime = environment.clock.uptime()
        let (due, stuck, goesOn) = state.withLock { state -> ([CallQueue.Due], RedisLane?, Bool) in
            var lane: RedisLane?
            if case .open(let open) = state.phase { lane = open }
            let due = state.queue.expire(at: uptime, waitsForRoom: lane != nil)
            for answer in due { Self.note(answer, in: &state.breaker, at: uptime) }
            if !state.queue.isStuck(since: uptime - settings.stuckAfter) { lane = nil }
            state.isTicking = !state.queue.isEmpty
            return (due, lane, state.isTicking)
        }
        for answer in due { answer.give() }
        stuck?.end(.unavailable(reason: "it has stopped answering on this connection", mayHaveHappened: true))
        if goesOn { scheduleTick() }
    }
}

// MARK: - The end
extension RedisLink {
    /// Fails what waits and what is under way, and closes the connection. The future is done when the connection is closed; `nil` where there
    /// is none.
    @discardableResult
    func close() -> EventLoopFuture<Void>? {
        let (due, lane) = state.withLock { state -> ([CallQueue.Due], RedisLane?) in
            var lane: RedisLane?
            if case .open(let open) = state.phase { lane = open }
            state.phase = .closed
            return (state.queue.failWritten(.closed) + state.queue.failWaiting(.closed), lane)
        }
        for answer in due { answer.give() }
        lane?.end(.closed)
        return lane?.channel.closeFuture
    }

    /// Closes the connection when everything under way has been answered; nothing more is taken.
    func retire() {
        let isIdle = state.withLock { state -> Bool in
            state.reconnects = false
            state.isLeaving = true
            return state.queue.inFlightCount == 0
        }
        if isIdle { close() }
    }
}
