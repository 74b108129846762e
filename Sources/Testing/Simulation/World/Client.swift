import Martlet
import MartletCore
import MartletTesting
import Synchronization

/// Whoever enqueues, signals, cancels: over a line as bad as the nodes', so it asks again until it has an answer.
final class Client: Sendable {
    private let world: World
    private let store: SimulatedStore
    private let calls = Mutex(0)

    init(world: World) {
        self.world = world
        store = SimulatedStore(who: "client", link: Link(), shared: world.store, dice: Dice(seed: world.scenario.seed ^ 0x00C1_1E47))
    }

    /// Every call has been answered.
    var isIdle: Bool { calls.withLock { $0 == 0 } }

    func configure() async {
        for (name, trigger) in world.scenario.triggers.sorted(by: { $0.key < $1.key }) {
            await insist { store throws(StoreError) in _ = try await store.put(trigger, named: name) }
        }
    }

    /// Nothing new comes from triggers any more, and no queue stays paused (of a pause and a resume the later may have arrived first).
    func quieten() async {
        for queue in world.scenario.queues.keys.sorted() {
            await insist { store throws(StoreError) in _ = try await store.set(queue, .paused(false)) }
        }
        for name in world.scenario.triggers.keys.sorted() {
            await insist { store throws(StoreError) in _ = try await store.put(nil, named: name) }
        }
    }

    func perform(_ action: Action) async {
        switch action {
        case .enqueue(let places): await enqueue(places.map { world.scenario.plans[$0].job })
        case .signal(let job): await append(NewEvent(stream: StreamName.job(job), type: Signal.eventType("go"), data: .null))
        case .order(let number): await append(NewEvent(stream: "orders", type: "placed", data: Payload(["number": .integer(number)])))
        case .cancel(let job): await insist { store throws(StoreError) in _ = try await store.cancel(job) }
        case .revive(let job): await insist { store throws(StoreError) in _ = try await store.revive(job) }
        case .pauseQueue(let queue, let isPaused):
            await insist { store throws(StoreError) in _ = try await store.set(queue, .paused(isPaused)) }
        default: return
        }
    }

    private func enqueue(_ jobs: [NewJob]) async {
        await insist { store throws(StoreError) in
            for (job, answer) in zip(jobs, try await store.enqueue(jobs)) where answer.job?.id == job.id { self.world.acknowledge(job.id) }
        }
    }

    private func append(_ event: NewEvent) async {
        await insist { store throws(StoreError) in _ = try await store.append([event]) }
    }

    /// Calls until the store has answered, be it with a refusal.
    private func insist(_ call: @Sendable (SimulatedStore) async throws(StoreError) -> Void) async {
        calls.withLock { $0 += 1 }
        defer { calls.withLock { $0 -= 1 } }
        while !world.isOver {
            do throws(StoreError) {
                return try await call(store)
            } catch {
                guard error.isTransient else { return }
                await world.clock.pass(.milliseconds(250))
            }
        }
    }
}
