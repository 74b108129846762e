import MartletCore
import Synchronization

/// Measures one attempt against its deadlines, and keeps why it failed.
final class DeadlineWatch: Sendable {
    private struct State {
        var phase = Deadlines.Phase.connect
        var due: Duration
        var failure: (any Error)?
        var hasAnswered = false
    }

    private let deadlines: Deadlines
    private let destination: String
    private let clock: any EngineClock
    private let totalDue: Duration
    private let totalLimit: Duration
    private let state: Mutex<State>

    init(_ destination: Destination, clock: any EngineClock, totalDue: Duration, totalLimit: Duration) {
        deadlines = destination.deadlines
        self.destination = destination.name
        self.clock = clock
        self.totalDue = totalDue
        self.totalLimit = totalLimit
        state = Mutex(State(due: clock.uptime() + deadlines.connect))
    }

    /// What ended the attempt, once something has.
    var failure: (any Error)? { state.withLock { $0.failure } }

    /// Keeps the first failure, and answers it.
    @discardableResult
    func fail(_ error: any Error) -> any Error {
        state.withLock { state in
            state.failure = state.failure ?? error
            return state.failure ?? error
        }
    }

    /// Whether an answer has begun: from then on the caller may have seen a part of it.
    var hasAnswered: Bool { state.withLock { $0.hasAnswered } }

    func answered() {
        state.withLock { $0.hasAnswered = true }
        pulse()
    }

    /// Another address is tried: that one did not answer is no failure of the attempt, unless its time is up.
    func forgive() {
        state.withLock { state in
            if case OutboundError.connection? = state.failure { state.failure = nil }
        }
    }

    func looksUp() { begin(.connect, deadlines.connect) }

    /// Connecting is the connection's own to limit, and not charged to what comes after.
    func sends(stream: Bool) { begin(stream ? .idle : .firstByte, deadlines.connect + (stream ? deadlines.idle : deadlines.firstByte)) }

    func sentAll() { begin(.firstByte, deadlines.firstByte) }

    /// The head is there, or a part of a body.
    func pulse() { begin(.idle, deadlines.idle) }

    private func begin(_ phase: Deadlines.Phase, _ limit: Duration) {
        let due = clock.uptime() + limit
        state.withLock { state in
            state.phase = phase
            state.due = due
        }
    }

    /// Returns only by throwing: when time is up, or on cancellation.
    func run() async throws {
        while true {
            let now = clock.uptime()
            let (phase, due) = state.withLock { ($0.phase, $0.due) }
            if now >= totalDue { throw fail(OutboundError.deadline(.total, destination: destination, limit: totalLimit)) }
            if now >= due { throw fail(OutboundError.deadline(phase, destination: destination, limit: limit(phase))) }
            // No phase that begins meanwhile can end before this nap does.
            try await clock.sleep(for: min(due - now, totalDue - now, deadlines.idle, deadlines.firstByte))
        }
    }

    private func limit(_ phase: Deadlines.Phase) -> Duration {
        switch phase {
        case .connect: deadlines.connect
        case .firstByte: deadlines.firstByte
        case .idle: deadlines.idle
        case .total: totalLimit
        }
    }
}
