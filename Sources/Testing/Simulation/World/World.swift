import MartletCore
import MartletTesting
import Synchronization

/// Everything of one run.
final class World: Sendable {
    private struct State {
        var agenda: [Action.Timed] = []
        var nodes: [Int: SimulatedNode] = [:]
        var everyNode: [SimulatedNode] = []
        var incarnations = 0
        var acknowledged: Set<JobID> = []
        var faults = 0
        var isSettled = false
        var isOver = false
    }

    let scenario: Scenario
    let options: SimulationOptions
    let clock = VirtualClock()
    let executor: SeededExecutor
    let storeClock: SkewedClock
    let trace: Trace
    let auditor: Auditor
    let store: SharedStore
    let memory: MemoryStore
    let outside = OutsideWorld()
    private let state: Mutex<State>

    init(scenario: Scenario, options: SimulationOptions) {
        self.scenario = scenario
        self.options = options
        executor = SeededExecutor(seed: scenario.seed)
        storeClock = SkewedClock(clock)
        trace = Trace(clock: clock, keepsLines: options.keepsTrace)
        auditor = Auditor(scenario: scenario, clock: clock)
        memory = MemoryStore(environment: Environment(clock: storeClock, random: SeededRandom(seed: ~scenario.seed)))
        let memory = memory
        store = SharedStore(
            base: options.mutation.map { BrokenStore(base: memory, mutation: $0) } ?? memory, clock: clock, lane: executor.makeLane("store"),
            trace: trace, auditor: auditor, noise: scenario.noise)
        state = Mutex(State(agenda: scenario.actions))
    }

    // MARK: What is going to happen

    /// Adds something that happens a while from now.
    func plan(_ action: Action, in delay: Duration) {
        let entry = Action.Timed(at: clock.uptime() + delay, action: action)
        state.withLock { state in
            let index = state.agenda.firstIndex { $0.at > entry.at } ?? state.agenda.count
            state.agenda.insert(entry, at: index)
        }
    }

    /// What is due now, and no later asked for again.
    func takeDue() -> [Action] {
        let now = clock.uptime()
        return state.withLock { state in
            let due = state.agenda.prefix { $0.at <= now }.map(\.action)
            state.agenda.removeFirst(due.count)
            return due
        }
    }

    var untilNextAction: Duration? {
        let now = clock.uptime()
        return state.withLock { state in state.agenda.first.map { max(.zero, $0.at - now) } }
    }

    // MARK: Nodes

    func makeNode(_ index: Int) -> SimulatedNode {
        let incarnation = state.withLock { state in
            state.incarnations += 1
            return state.incarnations
        }
        let node = SimulatedNode(index, incarnation: incarnation, world: self)
        Workload(world: self, node: node).register()
        state.withLock { state in
            state.nodes[index] = node
            state.everyNode.append(node)
        }
        return node
    }

    func node(_ index: Int) -> SimulatedNode? {
        guard let node = state.withLock({ $0.nodes[index] }), !node.isGone else { return nil }
        return node
    }

    var nodes: [SimulatedNode] { (0..<scenario.nodes).compactMap(node) }

    /// Those that died included.
    var everyNode: [SimulatedNode] { state.withLock { $0.everyNode } }

    func crash(_ node: SimulatedNode, down: Duration) {
        guard !node.isGone else { return }
        trace.add("world", "\(node.name) is killed")
        node.kill()
        countFault()
        plan(.boot(node.index), in: down)
    }

    // MARK: Bookkeeping

    func acknowledge(_ job: JobID) { state.withLock { _ = $0.acknowledged.insert(job) } }
    var acknowledged: Set<JobID> { state.withLock { $0.acknowledged } }
    func countFault() { state.withLock { $0.faults += 1 } }
    var faults: Int { state.withLock { $0.faults } }
    /// Every job is where its story ends: readers may go when they have read everything.
    var isSettled: Bool { state.withLock { $0.isSettled } }
    func settle() { state.withLock { $0.isSettled = true } }
    var isOver: Bool { state.withLock { $0.isOver } }
    func end() { state.withLock { $0.isOver = true } }
}
