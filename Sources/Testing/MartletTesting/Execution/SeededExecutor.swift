import Glibc
import MartletCore
import Synchronization

/// Runs asynchronous code on one thread, in an order that follows from a seed: whenever several things could run next, a generator picks
/// one. Time is a `VirtualClock` that moves only when nothing can run. So one seed is one run, to be repeated at will.
///
/// Code under it must not leave it: no `Task.sleep`, no Dispatch queue, no main actor, no thread of its own. What does leave it and comes
/// back is reported as `SeededExecutorError.escaped`.
public final class SeededExecutor: Sendable {
    private struct State {
        var runnable: [(job: UnownedJob, lane: ExecutorLane)] = []
        var waiting: [(instant: Int, wake: CheckedContinuation<Void, Never>)] = []
        /// Grows whenever the clock moves.
        var instant = 0
        var thread: pthread_t?
        var hasEscaped = false
        var steps = 0
    }

    private let state = Mutex(State())
    private let random: SeededRandom

    public init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    /// A group of tasks that can be frozen on its own: `group.addTask(executorPreference: lane)`.
    public func makeLane(_ name: String) -> ExecutorLane { ExecutorLane(name: name, executor: self) }

    /// Jobs run so far.
    public var steps: Int { state.withLock { $0.steps } }

    func add(_ job: UnownedJob, on lane: ExecutorLane) {
        state.withLock { state in
            if let thread = state.thread, thread != pthread_self() { state.hasEscaped = true }
            state.runnable.append((job, lane))
        }
    }

    /// Returns when nothing else can run at this instant: what is to happen now has happened, and only time can change anything.
    public func idle() async { await quiet(instantsAhead: 0) }

    /// Returns when the clock has moved and nothing else can run at the instant it moved to.
    public func nextInstant() async { await quiet(instantsAhead: 1) }

    private func quiet(instantsAhead: Int) async {
        await withCheckedContinuation { wake in
            state.withLock { $0.waiting.append(($0.instant + instantsAhead, wake)) }
        }
    }

    /// Runs `body` and everything it starts on the calling thread until it returns, moving the clock whenever nothing can run.
    /// - Throws: what `body` throws; `SeededExecutorError`, where it can never return.
    public func run<Value: Sendable>(
        _ clock: VirtualClock, stepsMax: Int = 50_000_000, _ body: @escaping @Sendable () async throws -> Value
    ) throws -> Value {
        let outcome = Outcome<Value>()
        state.withLock { $0.thread = pthread_self() }
        Task(executorPreference: makeLane("main")) {
            do { outcome.set(.success(try await body())) } catch { outcome.set(.failure(error)) }
        }
        while true {
            if let result = outcome.value { return try result.get() }
            if step() {
                guard steps <= stepsMax else { throw SeededExecutorError.tooManySteps(stepsMax, at: clock.uptime()) }
                continue
            }
            if state.withLock({ $0.hasEscaped }) { throw SeededExecutorError.escaped }
            if tellQuiet() { continue }
            guard clock.advanceToNextSleeper() else { throw SeededExecutorError.deadlock(at: clock.uptime()) }
            state.withLock { $0.instant += 1 }
        }
    }

    /// Wakes whoever waits for this instant to be quiet. `false` where nobody does.
    private func tellQuiet() -> Bool {
        let told = state.withLock { state in
            let told = state.waiting.filter { $0.instant <= state.instant }
            state.waiting.removeAll { $0.instant <= state.instant }
            return told
        }
        for waiter in told { waiter.wake.resume() }
        return !told.isEmpty
    }

    /// Runs one of the jobs that could run now. `false` where there is none.
    private func step() -> Bool {
        let picked: (job: UnownedJob, lane: ExecutorLane)? = state.withLock { state in
            guard !state.runnable.isEmpty else { return nil }
            let index = state.runnable.count == 1 ? 0 : Int(random.next() % UInt64(state.runnable.count))
            state.runnable.swapAt(index, state.runnable.count - 1)
            state.steps += 1
            return state.runnable.removeLast()
        }
        guard let picked else { return false }
        picked.lane.run(picked.job)
        return true
    }
}

private final class Outcome<Value: Sendable>: Sendable {
    private let result = Mutex<Result<Value, any Error>?>(nil)

    var value: Result<Value, any Error>? { result.withLock { $0 } }

    func set(_ value: Result<Value, any Error>) {
        result.withLock { $0 = value }
    }
}
