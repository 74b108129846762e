import Synchronization

/// Wakes one waiter. A ring that nobody waits for is kept until somebody does; many such rings are one.
package final class Doorbell: Sendable {
    private struct State {
        var isRung = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    private let state = Mutex(State())

    package init() {}

    package func ring() {
        let waiter = state.withLock { state in
            guard let waiter = state.waiter else {
                state.isRung = true
                return CheckedContinuation<Void, Never>?.none
            }
            state.waiter = nil
            return waiter
        }
        waiter?.resume()
    }

    /// Whether it was rung since the last look, without waiting.
    func take() -> Bool {
        state.withLock { state in
            let isRung = state.isRung
            state.isRung = false
            return isRung
        }
    }

    /// Returns when rung, or when the task is cancelled.
    package func wait() async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let resumesNow = state.withLock { state in
                    if state.isRung || Task.isCancelled {
                        state.isRung = false
                        return true
                    }
                    precondition(state.waiter == nil, "a doorbell has one waiter")
                    state.waiter = continuation
                    return false
                }
                if resumesNow { continuation.resume() }
            }
        } onCancel: {
            let waiter = state.withLock { state in
                let waiter = state.waiter
                state.waiter = nil
                return waiter
            }
            waiter?.resume()
        }
    }

    /// Returns when rung, when `limit` has passed, or when the task is cancelled; `false` where nobody rang in that time.
    @discardableResult
    package func wait(atMost limit: Duration, _ clock: any EngineClock) async -> Bool {
        if take() { return true }
        if limit <= .zero || Task.isCancelled { return false }
        return await withTaskGroup(of: Bool.self) { group in
            group.addTask {
                await self.wait()
                return true
            }
            group.addTask {
                do { try await clock.sleep(for: limit) } catch { return true }
                return false
            }
            let isRung = await group.next() ?? true
            group.cancelAll()
            return isRung
        }
    }
}
