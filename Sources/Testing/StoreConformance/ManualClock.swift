import MartletCore
import Synchronization

/// A clock that moves only when it is told to. `advance` moves time and uptime; `set` lets the wall clock jump, backwards too.
public final class ManualClock: EngineClock {
    private struct Sleeper {
        let deadline: Duration
        let continuation: CheckedContinuation<Void, any Error>
    }

    private struct State {
        var now: Timestamp
        var uptime: Duration = .zero
        var next = 0
        var sleepers: [Int: Sleeper] = [:]
        var cancelled: Set<Int> = []
    }

    private let state: Mutex<State>

    /// - Parameter start: 2026-01-01T00:00:00Z where nothing else is said.
    public init(start: Timestamp = Timestamp(seconds: 1_767_225_600)) {
        state = Mutex(State(now: start))
    }

    public func now() -> Timestamp { state.withLock(\.now) }

    public func uptime() -> Duration { state.withLock(\.uptime) }

    /// Moves on, and wakes whoever has slept long enough.
    public func advance(by duration: Duration) {
        let woken = state.withLock { state in
            state.now = state.now + duration
            state.uptime += duration
            let due = state.sleepers.filter { $0.value.deadline <= state.uptime }.sorted { $0.key < $1.key }
            for sleeper in due { state.sleepers[sleeper.key] = nil }
            return due.map(\.value.continuation)
        }
        for continuation in woken { continuation.resume() }
    }

    /// Sets the wall clock alone.
    public func set(_ now: Timestamp) {
        state.withLock { $0.now = now }
    }

    public func sleep(for duration: Duration) async throws {
        let number = state.withLock { state in
            state.next += 1
            return state.next
        }
        try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                enter(number, for: duration, continuation)
            }
        } onCancel: {
            leave(number)
        }
    }

    private func enter(_ number: Int, for duration: Duration, _ continuation: CheckedContinuation<Void, any Error>) {
        let outcome: Result<Void, any Error>? = state.withLock { state in
            if state.cancelled.remove(number) != nil { return .failure(CancellationError()) }
            if duration <= .zero { return .success(()) }
            state.sleepers[number] = Sleeper(deadline: state.uptime + duration, continuation: continuation)
            return nil
        }
        if let outcome { continuation.resume(with: outcome) }
    }

    private func leave(_ number: Int) {
        let sleeper = state.withLock { state in
            let sleeper = state.sleepers.removeValue(forKey: number)
            if sleeper == nil { state.cancelled.insert(number) }
            return sleeper
        }
        sleeper?.continuation.resume(throwing: CancellationError())
    }
}
