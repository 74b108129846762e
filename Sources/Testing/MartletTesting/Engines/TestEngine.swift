import Logging
import Martlet
import MartletCore

/// An engine over a store in memory, on a clock that a test moves: days of retries, sleeps and schedules pass in milliseconds, and one
/// seed gives one run.
///
/// ```swift
/// try TestEngine.run(handlers: { engine in
///     engine.handle(SendWelcome.self) { job, context in … }
/// }) { test in
///     let job = try await test.finish(SendWelcome(user: 7))
///     #expect(job.outcome == .succeeded)
/// }
/// ```
public final class TestEngine: Sendable {
    public let engine: Engine
    public let clock: VirtualClock
    public let environment: Environment
    /// What the engine's store keeps, as it stands: past whatever `through` put in between.
    public let memory: MemoryStore
    public let executor: SeededExecutor

    init(seed: UInt64, start: Timestamp, configuration: EngineConfiguration, logger: Logger, through wrap: (MemoryStore, Environment) -> any Store) {
        clock = VirtualClock(start: start)
        executor = SeededExecutor(seed: seed)
        environment = Environment(clock: clock, random: SeededRandom(seed: seed ^ 0x9E37_79B9_7F4A_7C15))
        memory = MemoryStore(environment: environment)
        engine = Engine(store: wrap(memory, environment), configuration: configuration, environment: environment, logger: logger)
    }

    /// Runs `body` beside a running engine, on the calling thread, and stops the engine when it returns.
    /// - Parameters:
    ///   - seed: another one is another order of whatever happens at the same time.
    ///   - start: the wall-clock time when it begins.
    ///   - through: puts a store of your own between engine and memory, to make it fail for instance.
    ///   - handlers: gives the engine its handlers, before it runs.
    /// - Throws: what `body` throws; `SeededExecutorError` where a handler never returns or leaves the executor.
    public static func run<Value: Sendable>(
        seed: UInt64 = 1, start: Timestamp = VirtualClock.defaultStart, configuration: EngineConfiguration = .init(node: NodeID("test")),
        logger: Logger = Logger(label: "martlet.test") { _ in SwiftLogNoOpLogHandler() },
        through wrap: (MemoryStore, Environment) -> any Store = { memory, _ in memory },
        handlers: (Engine) -> Void, _ body: @escaping @Sendable (TestEngine) async throws -> Value
    ) throws -> Value {
        let test = TestEngine(seed: seed, start: start, configuration: configuration, logger: logger, through: wrap)
        handlers(test.engine)
        return try test.executor.run(test.clock) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await test.engine.run() }
                defer { group.cancelAll() }
                return try await body(test)
            }
        }
    }
}

extension TestEngine {
    /// Accepts a job.
    @discardableResult
    public func enqueue(_ job: some Job, _ options: EnqueueOptions = .init()) async throws -> JobRecord {
        try await engine.enqueue(job, options)
    }

    /// Accepts a job and lets time pass until it is finished.
    @discardableResult
    public func finish(_ job: some Job, _ options: EnqueueOptions = .init()) async throws -> JobRecord {
        try await finished(try await enqueue(job, options).id)
    }

    /// Lets time pass until this job is finished.
    /// - Throws: `TestEngineError.timeout` where it is not within `limit`.
    @discardableResult
    public func finished(_ id: JobID, within limit: Duration = .seconds(86_400)) async throws -> JobRecord {
        try await until("job \(id) is finished", within: limit) { try await self.job(id).phase == .finished }
        return try await job(id)
    }

    /// Lets time pass until a job is finished, and reads its result.
    public func result<Value: Decodable>(of id: JobID, as type: Value.Type, within limit: Duration = .seconds(86_400)) async throws -> Value {
        let job = try await finished(id, within: limit)
        guard job.outcome == .succeeded, let result = job.result else { throw TestEngineError.noResult(id, job.outcome, job.error) }
        return try ResultDecoding.decode(type, from: result)
    }

    /// Lets time pass, everything in between happening in its order, and what is to happen at its end too.
    public func pass(_ duration: Duration) async {
        await clock.pass(duration)
        await executor.idle()
    }

    /// Lets time pass until a condition holds, looking each time when everything of an instant has happened.
    /// - Parameter what: the condition in words, for the error.
    public func until(_ what: String, within limit: Duration = .seconds(86_400), _ condition: () async throws -> Bool) async throws {
        let end = clock.uptime() + limit
        await executor.idle()
        while try await !condition() {
            guard clock.uptime() < end else { throw TestEngineError.timeout(what, limit) }
            await executor.nextInstant()
        }
    }

    /// The job as it is kept now.
    public func job(_ id: JobID) async throws -> JobRecord { try await detail(id).job }

    /// The job's steps, in the order they were recorded.
    public func steps(_ id: JobID) async throws -> [Step] { try await detail(id).steps }

    private func detail(_ id: JobID) async throws -> JobDetail {
        guard let detail = try await memory.job(id) else { throw StoreError.notFound("job \(id)") }
        return detail
    }

    /// The events of a stream, at most the first 1000.
    public func events(_ stream: String) async throws -> [Event] {
        try await memory.read(stream, after: 0, limit: Limits.eventPageMax).events
    }

    /// The events of a job's own stream, at most the first 1000.
    public func events(of job: JobID) async throws -> [Event] { try await events(StreamName.job(job)) }

    /// Jobs that match, oldest first, at most 100.
    public func jobs(_ change: (inout JobQuery) -> Void = { _ in }) async throws -> [JobRecord] {
        var query = JobQuery()
        query.limit = Limits.pageMax
        change(&query)
        return try await memory.jobs(query).jobs.reversed()
    }
}
