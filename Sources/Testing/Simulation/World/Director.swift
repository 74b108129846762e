import Martlet
import MartletCore
import MartletTesting

/// Makes a scenario happen: boots and kills nodes, sends the clients' calls, and ends the run.
struct Director: Sendable {
    let world: World
    private let client: Client

    /// The faults are over for this long and still something has not ended: it never will.
    private static let patience: Duration = .seconds(900)
    private static let missedWithin: Duration = .seconds(20)

    init(world: World) {
        self.world = world
        client = Client(world: world)
    }

    private var clock: VirtualClock { world.clock }

    func run() async {
        await world.setPolicies()
        await withDiscardingTaskGroup { group in
            for index in 0..<world.scenario.nodes { boot(index, &group) }
            group.addTask { await client.configure() }
            for (number, stream) in tailedStreams.enumerated() {
                group.addTask { await StreamTail(name: "tail\(number)", stream: stream, world: world).run() }
            }
            while clock.uptime() < world.scenario.duration, world.auditor.violation == nil {
                for action in world.takeDue() { perform(action, &group) }
                await clock.pass(min(world.untilNextAction ?? .milliseconds(250), .milliseconds(250)))
            }
            await settle(&group)
            world.end()
            for node in world.everyNode {
                node.link.cut()
                node.lane.thaw()
            }
            group.cancelAll()
        }
    }

    private var tailedStreams: [String] {
        let talkers = world.scenario.plans.filter { $0.recipe.kind == "talker" }.prefix(2)
        return talkers.map { StreamName.job($0.job.id) } + (world.scenario.triggers["order"] == nil ? [] : ["orders"])
    }

    private func boot(_ index: Int, _ group: inout DiscardingTaskGroup) {
        let node = world.makeNode(index)
        world.trace.add("world", "\(node.name) boots")
        group.addTask(executorPreference: node.lane) {
            await node.engine.run()
            node.end()
            guard !world.isOver else { return }
            world.trace.add("world", "\(node.name) has stopped")
            world.plan(.boot(index), in: .seconds(1))
        }
    }

    private func perform(_ action: Action, _ group: inout DiscardingTaskGroup) {
        if action.isFault { world.countFault() }
        switch action {
        case .boot(let index): if world.node(index) == nil { boot(index, &group) }
        case .crash(let index, let down): if let node = world.node(index) { world.crash(node, down: down) }
        case .pause(let index, let duration):
            world.node(index)?.lane.freeze()
            world.plan(.thaw(index), in: duration)
        case .thaw(let index): world.node(index)?.lane.thaw()
        case .isolate(let index, let duration):
            world.node(index)?.link.isolate(true)
            world.plan(.join(index), in: duration)
        case .join(let index): world.node(index)?.link.isolate(false)
        case .stepNodeClock(let index, let duration): world.node(index)?.clock.step(duration)
        case .stepStoreClock(let duration): world.storeClock.step(duration)
        case .stop(let index):
            world.node(index)?.engine.stop()
            world.plan(.expectStopped(world.node(index)?.incarnation ?? 0), in: .seconds(60))
        case .hasten(let index): world.node(index)?.engine.stop()
        case .expectStopped(let incarnation):
            if let node = world.nodes.first(where: { $0.incarnation == incarnation }), !node.lane.isFrozen, !node.link.isIsolated {
                world.auditor.report(.enginesReturn, "\(node.name) was stopped a minute ago and still runs")
            }
        default: group.addTask { await client.perform(action) }
        }
        if action.isFault { world.trace.add("world", "\(action)") }
    }

    /// A dead node's jobs are taken from it when its lease is over, give or take a poll.
    private func lookForTheDead(in jobs: [JobRecord], since start: Duration) {
        for node in world.everyNode {
            guard let death = node.diedAt, clock.uptime() > max(death, start) + Self.missedWithin else { continue }
            guard let job = jobs.first(where: { $0.phase == .running && $0.node?.name == node.name }) else { continue }
            world.auditor.report(.nothingIsLost, "\(node.name) died at \(death), and \(job.kind) \(job.id) is still held by it")
        }
    }

    /// No more faults; time passes until every job is where its story ends.
    private func settle(_ group: inout DiscardingTaskGroup) async {
        world.trace.add("world", "the faults are over")
        world.store.calm()
        for node in world.nodes {
            node.link.isolate(false)
            node.lane.thaw()
        }
        while !client.isIdle { await clock.pass(.milliseconds(100)) }
        await client.quieten()
        let start = clock.uptime()
        let end = start + Self.patience
        while clock.uptime() < end, world.auditor.violation == nil {
            for action in world.takeDue() { perform(action, &group) }
            let jobs = await world.everyJob()
            lookForTheDead(in: jobs, since: start)
            if world.untilNextAction == nil, client.isIdle, jobs.allSatisfy({ $0.phase == .finished || $0.kind == Recipe.unknown.kind }) { break }
            await clock.pass(.milliseconds(500))
        }
        world.settle()
        // Readers get what is left, at the pace of their own poll.
        await clock.pass(.seconds(5))
        if world.auditor.violation == nil { world.auditor.conclude(await world.ending()) }
    }
}
