import Logging
import Martlet
import MartletCore
import MartletTesting
import Synchronization

/// One incarnation of one process: a lane that can be frozen, a wall clock of its own, and an engine.
final class SimulatedNode: Sendable {
    let index: Int
    let incarnation: Int
    let name: String
    let lane: ExecutorLane
    let link = Link()
    let clock: SkewedClock
    let engine: Engine
    private let world: VirtualClock
    private let ended = Mutex(false)
    private let death = Mutex<Duration?>(nil)

    init(_ index: Int, incarnation: Int, world: World) {
        let scenario = world.scenario
        self.index = index
        self.incarnation = incarnation
        name = "n\(index).\(incarnation)"
        lane = world.executor.makeLane(name)
        self.world = world.clock
        clock = SkewedClock(world.clock)
        let seed = scenario.seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(index * 1000 + incarnation)
        let store = SimulatedStore(who: name, link: link, shared: world.store, dice: Dice(seed: seed))
        var configuration = EngineConfiguration(node: NodeID(name))
        configuration.concurrency = scenario.concurrency
        configuration.grace = .seconds(3)
        configuration.cancellationLimit = .seconds(2)
        configuration.retry = RetryPolicy(base: .milliseconds(200), max: .seconds(5))
        if world.options.mutation == .losesWakeupsAndPolls { configuration.pollInterval = .seconds(86_400) }
        engine = Engine(
            store: store, configuration: configuration, environment: Environment(clock: clock, random: SeededRandom(seed: seed &+ 1)),
            logger: Logger(label: name) { _ in SwiftLogNoOpLogHandler() })
    }

    var isGone: Bool { link.isCut || ended.withLock { $0 } }

    /// SIGKILL: nothing of it runs again, and nothing it says is heard.
    func kill() {
        link.cut()
        lane.freeze()
        death.withLock { $0 = world.uptime() }
    }

    /// When it was killed.
    var diedAt: Duration? { death.withLock { $0 } }

    /// Its `run` has returned.
    func end() {
        ended.withLock { $0 = true }
    }
}
