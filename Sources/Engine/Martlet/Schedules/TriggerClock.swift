import Logging

/// Fires time triggers. Every node may run one: what makes a slot fire once is the store's compare-and-set, not who is asked to do it.
struct TriggerClock: Sendable {
    let engine: Engine
    let changed: Doorbell
    /// Rung by the store's wake-ups, a changed trigger's among them. Under load that says nothing, so it is looked at once an interval.
    let news: Doorbell

    /// Without any news the store is asked once in so many intervals.
    private static let quietIntervals = 6
    private var longest: Duration { engine.configuration.triggerInterval * Self.quietIntervals }

    private var clock: any EngineClock { engine.environment.clock }

    /// Runs until the engine drains.
    func run() async {
        var backoff = Backoff()
        while engine.stopControl.moment == .running, !Task.isCancelled {
            do throws(StoreError) {
                let wait = try await fireDue()
                backoff.succeeded()
                await pause(wait)
            } catch {
                engine.logger.warning("firing triggers failed, will try again", metadata: ["error": "\(error)"])
                await engine.stopControl.wait(for: .draining, atMost: backoff.failed(engine.environment), clock)
            }
        }
    }

    /// Returns when a slot has come, this engine's triggers have changed, or others' may have.
    private func pause(_ wait: Duration) async {
        var left = wait
        while left > .zero, engine.stopControl.moment == .running, !Task.isCancelled {
            let slice = min(left, engine.configuration.triggerInterval)
            if await changed.wait(atMost: slice, clock) || news.take() { return }
            left -= slice
        }
    }

    /// Fires what is due and says how long until the next slot.
    private func fireDue() async throws(StoreError) -> Duration {
        let overview = try await engine.store.overview()
        var wait = longest
        for state in overview.triggers where !state.trigger.isPaused {
            guard let plan = SlotPlanner.plan(state: state, now: overview.now, makeID: engine.environment.makeJobID) else {
                if let next = state.nextSlot { wait = min(wait, next - overview.now) }
                continue
            }
            wait = min(wait, try await fire(plan, now: overview.now))
        }
        return max(wait, .milliseconds(1))
    }

    private func fire(_ plan: FirePlan, now: Timestamp) async throws(StoreError) -> Duration {
        do throws(StoreError) {
            switch try await engine.store.fire(plan) {
            case .fired:
                if !plan.firing.isEmpty {
                    engine.logger.debug("a trigger fired", metadata: ["trigger": "\(plan.trigger)", "slots": "\(plan.firing.count)"])
                }
                return plan.next.map { $0 - now } ?? engine.configuration.triggerInterval
            case .stale: return .zero
            case .early(let delay): return delay
            }
        } catch .notFound {
            return engine.configuration.triggerInterval
        }
    }
}
