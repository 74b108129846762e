import Martlet
import MartletCore
import Synchronization

/// Does one thing over and over: every `interval`, and sooner where somebody waits for it, but never more often than every `pause`. Those who
/// ask while it rests or is at work share the next turn, so a flood of askers costs no more than one.
final class Refresher: Sendable {
    private struct State {
        var waiters: [Int: CheckedContinuation<Void, Never>] = [:]
        var next = 0
    }

    private static let waitersMax = 1000
    private let interval: Duration
    private let pause: Duration
    private let clock: any EngineClock
    private let bell = Doorbell()
    private let state = Mutex(State())

    init(every interval: Duration, atMostEvery pause: Duration, clock: any EngineClock) {
        (self.interval, self.pause, self.clock) = (interval, pause, clock)
    }

    /// Runs until cancelled. `work` deals with its own errors.
    func run(_ work: () async -> Void) async {
        while !Task.isCancelled {
            let asked = state.withLock { state in
                defer { state.waiters = [:] }
                return state.waiters
            }
            await work()
            for waiter in asked.values { waiter.resume() }
            do { try await clock.sleep(for: pause) } catch { break }
            if state.withLock({ $0.waiters.isEmpty }) { await bell.wait(atMost: interval - pause, clock) }
        }
        let left = state.withLock { state in
            defer { state.waiters = [:] }
            return state.waiters
        }
        for waiter in left.values { waiter.resume() }
    }

    /// Returns after a turn that begins after this call, or when the task is cancelled.
    /// - Throws: where very many wait already.
    func next() async throws(Problem) {
        let number = state.withLock { state -> Int? in
            guard state.waiters.count < Self.waitersMax else { return nil }
            state.next += 1
            return state.next
        }
        guard let number else {
            var problem = Problem(.tooManyRequests, "too many requests wait to have their credential looked up: try again")
            problem.retryAfter = .seconds(1)
            throw problem
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state in
                    if Task.isCancelled { return true }
                    state.waiters[number] = continuation
                    return false
                }
                if isOver { continuation.resume() } else { bell.ring() }
            }
        } onCancel: {
            let waiter = state.withLock { $0.waiters.removeValue(forKey: number) }
            waiter?.resume()
        }
    }
}
