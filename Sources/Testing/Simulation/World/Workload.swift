import Martlet
import MartletCore
import MartletTesting

/// The handlers of a node: what its jobs do, counted in the outside world.
struct Workload: Sendable {
    /// The type of the events that settlements carry.
    static let markType = "mark"

    let world: World
    let node: SimulatedNode

    private var outside: OutsideWorld { world.outside }

    func register() {
        let engine = node.engine
        let recipes: [(String, @Sendable (JobContext) async throws -> Void)] = [
            ("noop", { try mark($0) }), ("tick", { try mark($0) }), ("steps", steps), ("sleeper", sleeper), ("waiter", waiter),
            ("parent", parent), ("flaky", flaky), ("permanent", { _ in throw JobError.permanent("as planned") }), ("poison", poison),
            ("slow", slow), ("snoozer", snoozer), ("effect", effect), ("talker", talker), ("overtime", { try await pause($0, .seconds(30)) }),
            ("stubborn", { _ in await world.clock.pass(.seconds(3)) }), ("swallower", swallower),
        ]
        for (kind, body) in recipes {
            engine.handle(kind: kind) { _, context in
                try await body(context)
                return Payload(["epoch": .integer(context.epoch)])
            }
        }
    }

    private func recipe(_ context: JobContext) -> Recipe { world.scenario.plan(of: context.id)?.recipe ?? .noop }

    private func pause(_ context: JobContext, _ duration: Duration) async throws {
        try await context.environment.clock.sleep(for: duration)
    }

    /// An event that belongs to this attempt's settlement and to no other's.
    private func mark(_ context: JobContext) throws {
        try context.emit(Self.markType, Payload(["epoch": .integer(context.epoch)]))
    }

    private func steps(_ context: JobContext) async throws {
        guard case .steps(let count, let failures) = recipe(context) else { return }
        for number in 0..<count {
            let first = try await context.step("step") {
                let runs = outside.ran("step\(number)", of: context.id)
                try await pause(context, .milliseconds(20))
                return "\(context.epoch).\(runs)"
            }
            world.trace.add(node.name, "\(world.trace.name(context.id)) step \(number) is \(first)")
        }
        if outside.tried(context.id) <= failures { throw JobError.transient("as planned") }
        try mark(context)
    }

    private func sleeper(_ context: JobContext) async throws {
        guard case .sleeper(let duration) = recipe(context) else { return }
        try await context.step("before") { _ = outside.ran("before", of: context.id) }
        try await context.sleep(for: duration)
        try await context.step("after") { _ = outside.ran("after", of: context.id) }
        try mark(context)
    }

    private func waiter(_ context: JobContext) async throws {
        guard case .waiter(let limit) = recipe(context) else { return }
        let first = try await context.wait(for: "go", within: limit)
        let second = try await context.wait(for: "go", within: .seconds(2))
        world.trace.add(node.name, "\(world.trace.name(context.id)) got \(first != nil) \(second != nil)")
    }

    private func parent(_ context: JobContext) async throws {
        guard case .parent(let count, let failing) = recipe(context) else { return }
        let children = (0..<count).map { number in
            var child = NewJob(id: context.id, kind: number < failing ? "permanent" : "noop", payload: .emptyObject)
            child.queue = context.job.queue
            return child
        }
        try await context.enqueue(children, group: "kids")
        guard let end = try await context.waitForChildren(group: "kids") else { return }
        if end.succeeded + end.failed + end.cancelled != count {
            world.auditor.report(.nothingIsLost, "parent \(context.id) was told of \(end) and has \(count) children")
        }
        try mark(context)
    }

    private func flaky(_ context: JobContext) async throws {
        guard case .flaky(let failures) = recipe(context) else { return }
        try mark(context)
        if outside.tried(context.id) <= failures { throw JobError.transient("as planned") }
    }

    private func poison(_ context: JobContext) async throws {
        try await pause(context, .milliseconds(5))
        world.crash(node, down: .seconds(1))
        try await pause(context, .seconds(1_000_000))
    }

    private func slow(_ context: JobContext) async throws {
        guard case .slow(let duration) = recipe(context) else { return }
        try await pause(context, duration)
        try mark(context)
    }

    private func snoozer(_ context: JobContext) async throws {
        guard case .snoozer(let count) = recipe(context) else { return }
        if outside.tried(context.id) <= count { throw JobError.snoozed(for: .milliseconds(700)) }
    }

    private func effect(_ context: JobContext) async throws {
        guard case .effect(let canTell) = recipe(context) else { return }
        let job = context.id
        let epoch = context.epoch
        _ = try await context.effect("charge") { () async throws -> JobContext.Reconciliation<Int> in
            guard canTell else { return .unknown }
            return outside.didHappen(job, epoch: epoch) ? .done(0) : .notDone
        } _: {
            outside.begin(job, epoch: epoch)
            try await pause(context, .milliseconds(300))
            try outside.happen(job, epoch: epoch)
            try await pause(context, .milliseconds(300))
            return epoch
        }
    }

    private func talker(_ context: JobContext) async throws {
        guard case .talker(let count) = recipe(context) else { return }
        for number in 0..<count {
            context.progress(Double(number) / Double(count))
            await context.stream("line", Payload(["n": .integer(number)]))
            try await pause(context, .milliseconds(50))
        }
        try mark(context)
    }

    private func swallower(_ context: JobContext) async throws {
        do {
            try await context.sleep(for: .milliseconds(500))
        } catch {
            world.trace.add(node.name, "\(world.trace.name(context.id)) swallowed it")
        }
    }
}
