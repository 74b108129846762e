import Database
import Martlet
import MartletCore
import PostgresStore
import Synchronization
import Testing

@Suite("Who waits holds no connection", .timeLimit(.minutes(5)))
struct HeldConnectionTests {
    /// Lets handlers wait, and says how many do.
    private final class Hall: Sendable {
        private let state = Mutex<(waiting: [CheckedContinuation<Void, Never>], isOpen: Bool)>(([], false))

        var count: Int { state.withLock { $0.waiting.count } }

        func wait() async {
            await withCheckedContinuation { waiter in
                let isOpen = state.withLock { state in
                    if !state.isOpen { state.waiting.append(waiter) }
                    return state.isOpen
                }
                if isOpen { waiter.resume() }
            }
        }

        func open() {
            let waiting = state.withLock { state in
                defer { state = ([], true) }
                return state.waiting
            }
            for waiter in waiting { waiter.resume() }
        }
    }

    private static let jobs = 1000

    /// Runs an engine over a store with a pool of 10; the server knows its connections by `name`.
    private static func run(
        handler: @escaping @Sendable (JobContext) async throws -> Void,
        _ body: @Sendable (_ store: PostgresStore, _ name: String) async throws -> Void
    ) async throws {
        let schema = TestServer.makeName()
        var settings = TestServer.settings
        settings.connections = 10
        let url = try TestServer.url
        let store = try await PostgresStore(
            url + (url.contains("?") ? "&" : "?") + "application_name=\(schema)", schema: schema, environment: .system, settings: settings)
        var configuration = EngineConfiguration(node: NodeID("held"))
        configuration.concurrency = jobs
        let engine = Engine(store: store, configuration: configuration)
        engine.handle(kind: "stream", HandlerOptions(retry: RetryPolicy(base: .milliseconds(1), factor: 2, max: .milliseconds(2)))) { _, context in
            try await handler(context)
            return nil
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { await engine.run() }
            defer { engine.stop() }
            try await body(store, schema)
        }
        await store.close()
        try await TestServer.drop(schema)
    }

    /// Looks until nobody has had a connection in use 20 times, and says how many were open at most.
    private static func openWhileIdle(_ name: String) async throws -> Int {
        try await TestServer.run { connection in
            var (idle, open) = (0, 0)
            while idle < 20 {
                let row = try connection.answer(
                    "SELECT count(*), count(*) FILTER (WHERE state <> 'idle') FROM pg_stat_activity WHERE application_name = \(name)")[0]
                open = max(open, try row.int(0))
                // Now and then a heartbeat has one.
                if try row.int(1) == 0 { idle += 1 }
            }
            return open
        }
    }

    private static func enqueue(_ count: Int, _ store: PostgresStore) async throws {
        for _ in 0..<count / 500 { _ = try await store.enqueue((0..<500).map { _ in NewJob.made(kind: "stream") { $0.maxAttempts = 2 } }) }
    }

    @Test("S3-15: 1 000 jobs are in flight over a pool of 10, and none of their handlers holds a connection while it waits")
    func inFlight() async throws {
        let hall = Hall()
        try await Self.run {
            try await $0.step("model") { await hall.wait() }
        } _: { store, name in
            try await Self.enqueue(Self.jobs, store)
            while hall.count < Self.jobs { await Task.yield() }
            // One more than the pool's hears what other processes say.
            #expect(try await Self.openWhileIdle(name) <= 11)
            // There is room for whoever comes.
            for _ in 0..<50 { _ = try await store.overview() }
            #expect(hall.count == Self.jobs)
            hall.open()
            while try await store.overview().queues.first?.counts.succeeded != Self.jobs { await Task.yield() }
        }
    }

    private struct Refused: Error {}

    @Test("S0-12: after 10 000 jobs, a third of which fail, no connection is in use, and no more are open than the pool may have")
    func leftovers() async throws {
        try await Self.run {
            if $0.job.id.low % 3 == 0 { throw Refused() }
        } _: { store, name in
            try await Self.enqueue(10_000, store)
            while try await store.overview().queues.first?.counts.finished != 10_000 { await Task.yield() }
            let counts = try await store.overview().queues.first?.counts
            #expect((2500...4200).contains(counts?.failed ?? 0))
            #expect(try await Self.openWhileIdle(name) <= 11)
        }
    }
}
