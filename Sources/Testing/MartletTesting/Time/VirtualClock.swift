import MartletCore
import Synchronization

/// A clock whose time stands still until somebody moves it. Sleepers wake in the order of their due times, so that days pass in no time and
/// the same test sees the same instants in every run.
public final class VirtualClock: EngineClock {
    private struct State {
        var uptime = Duration.zero
        var wall: Timestamp
        /// The latest due first: the next to wake is the last.
        var sleepers: [Sleeper] = []
        var watchers: [Watcher] = []
        var lastNumber = 0

        mutating func number() -> Int {
            lastNumber += 1
            return lastNumber
        }
    }

    private struct Sleeper {
        let due: Duration
        let number: Int
        /// `true` where time has come, `false` on cancellation.
        let wake: CheckedContinuation<Bool, Never>
    }

    /// Somebody who waits until so many sleepers are armed.
    private struct Watcher {
        let count: Int
        let number: Int
        let wake: CheckedContinuation<Bool, Never>
    }

    /// 2026-01-01T00:00:00Z, a Thursday.
    public static let defaultStart = Timestamp(seconds: 1_767_225_600)

    private let state: Mutex<State>

    /// - Parameter start: the wall-clock time at uptime zero.
    public init(start: Timestamp = VirtualClock.defaultStart) {
        state = Mutex(State(wall: start))
    }

    public func now() -> Timestamp { state.withLock { $0.wall } }

    public func uptime() -> Duration { state.withLock { $0.uptime } }

    public func sleep(for duration: Duration) async throws {
        try Task.checkCancellation()
        let number = state.withLock { $0.number() }
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { arm($0, number, for: duration, heedsCancellation: true) }
        } onCancel: {
            disarm(number)
        }
        guard isOver else { throw CancellationError() }
    }

    /// Sleeps whatever becomes of the task: what a slow disk or network does to a caller.
    public func pass(_ duration: Duration) async {
        let number = state.withLock { $0.number() }
        _ = await withCheckedContinuation { arm($0, number, for: duration, heedsCancellation: false) }
    }

    private func arm(_ wake: CheckedContinuation<Bool, Never>, _ number: Int, for duration: Duration, heedsCancellation: Bool) {
        let answer: (isOver: Bool?, watchers: [Watcher]) = state.withLock { state in
            if heedsCancellation, Task.isCancelled { return (false, []) }
            if duration <= .zero { return (true, []) }
            let sleeper = Sleeper(due: state.uptime + duration, number: number, wake: wake)
            var low = 0
            var high = state.sleepers.count
            while low < high {
                let middle = (low + high) / 2
                if state.sleepers[middle].due > sleeper.due { low = middle + 1 } else { high = middle }
            }
            state.sleepers.insert(sleeper, at: low)
            let count = state.sleepers.count
            let satisfied = state.watchers.filter { $0.count <= count }
            if !satisfied.isEmpty { state.watchers.removeAll { $0.count <= count } }
            return (nil, satisfied)
        }
        if let isOver = answer.isOver { wake.resume(returning: isOver) }
        for watcher in answer.watchers { watcher.wake.resume(returning: true) }
    }

    private func disarm(_ number: Int) {
        let wake = state.withLock { state -> CheckedContinuation<Bool, Never>? in
            if let index = state.sleepers.firstIndex(where: { $0.number == number }) { return state.sleepers.remove(at: index).wake }
            if let index = state.watchers.firstIndex(where: { $0.number == number }) { return state.watchers.remove(at: index).wake }
            return nil
        }
        wake?.resume(returning: false)
    }
}

extension VirtualClock {
    /// How many sleep now.
    public var sleepers: Int { state.withLock { $0.sleepers.count } }

    /// How long until the next sleeper wakes; `nil` where nobody sleeps.
    public var untilNextSleeper: Duration? {
        state.withLock { state in state.sleepers.last.map { $0.due - state.uptime } }
    }

    /// Returns as soon as at least `count` sleepers are armed.
    /// - Throws: `CancellationError`.
    public func waitForSleepers(_ count: Int = 1) async throws {
        let number = state.withLock { $0.number() }
        let isOver = await withTaskCancellationHandler {
            await withCheckedContinuation { (wake: CheckedContinuation<Bool, Never>) in
                let answer: Bool? = state.withLock { state in
                    if Task.isCancelled { return false }
                    if state.sleepers.count >= count { return true }
                    state.watchers.append(Watcher(count: count, number: number, wake: wake))
                    return nil
                }
                if let answer { wake.resume(returning: answer) }
            }
        } onCancel: {
            disarm(number)
        }
        guard isOver else { throw CancellationError() }
    }

    /// Lets time pass and wakes everybody who is due by then, in order. Sleeps that those begin are counted from the end.
    public func advance(by duration: Duration) {
        precondition(duration >= .zero, "uptime never goes back")
        move { $0.uptime + duration }
    }

    /// Moves to the next due time and wakes all who are due then. `false` where nobody sleeps.
    @discardableResult
    public func advanceToNextSleeper() -> Bool {
        guard sleepers > 0 else { return false }
        move { $0.sleepers.last?.due ?? $0.uptime }
        return true
    }

    /// Makes the wall clock jump while no time passes: what a step of NTP or an operator does. Sleepers do not notice.
    public func stepWall(by duration: Duration) {
        state.withLock { $0.wall = $0.wall + duration }
    }

    private func move(to target: (State) -> Duration) {
        let due = state.withLock { state in
            let target = target(state)
            state.wall = state.wall + (target - state.uptime)
            state.uptime = target
            var due: [Sleeper] = []
            while let last = state.sleepers.last, last.due <= target {
                due.append(last)
                state.sleepers.removeLast()
            }
            return due
        }
        for sleeper in due { sleeper.wake.resume(returning: true) }
    }
}
