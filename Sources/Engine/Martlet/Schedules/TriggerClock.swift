import Logging

/// Fires time triggers. Every node may run one: what makes a slot fire once is the store's compare-and-set, not who is asked to do it.
struct TriggerClock: Sendable {
    let engine: Engine
    let changed: Doorbell

    private var clock: any EngineClock { engine.environment.clock }

    /// Runs until the engine drains.
    func run() async {
        var backoff = Backoff()
        while engine.stopControl.moment == .running, !Task.isCancelled {
            do throws(StoreError) {
                let wait = try await fireDue()
                backoff.succeeded()
                await changed.wait(atMost: min(wait, engine.configuration.triggerInterval), clock)
            } catch {
                engine.logger.warning("firing triggers failed, will try again", metadata: ["error": "\(error)"])
                await engine.stopControl.wait(for: .draining, atMost: backoff.failed(engine.environment), clock)
            }
        }
    }

    /// Fires what is due and says how long until the next slot.
    private func fireDue() async throws(StoreError) -> Duration {
        let overview = try await engine.store.overview()
        var wait = engine.configuration.triggerInterval
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
