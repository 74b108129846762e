import MartletCore

/// A store in Redis 7: for many machines, where speed matters more than the last second before a power cut.
///
/// Each transition is one function in Redis, so that it happens whole or not at all. Redis acknowledges before its disk does
/// (`appendfsync everysec`): a crash of Redis alone loses nothing, a power cut of its machine up to a second of what was acknowledged, and with
/// `appendfsync always` nothing. Replication is asynchronous: a failover may lose what the replica had not received.
/// The rules are those of `Semantics.md`, to the letter.
public final class RedisStore: Sendable {
    /// What may lose accepted work on this server, and what to do about it: to be logged loudly.
    public let warnings: [String]

    let caller: Caller
    let topics: TopicCache
    let follower: HintFollower
    let enqueuing: Gatherer<NewJob, Enqueued>
    let settling: Gatherer<Settlement, SettleResult>
    let recording: Gatherer<StepGroup, Result<[Step], StoreError>>
    let appending: Gatherer<NewEvent, Appended>

    /// Connects, checks the server, and loads the library of functions where it is missing.
    /// - Parameters:
    ///   - url: `redis://`, `rediss://`, and with `+sentinel` or `+cluster`; the option `prefix` names the deployment, `martlet` where it is
    ///     not given: several deployments can share a Redis.
    ///   - environment: its randomness makes the ids of the jobs that topic triggers make.
    /// - Throws: `invalid` for an address that cannot be read; `unavailable` where Redis cannot be reached; `corrupt` for a Redis
    ///   before 7.0, data of a newer Martlet, or, where the options ask for it, a server that is not durable.
    public init(
        url: String, environment: Environment = .system, options: RedisStoreOptions = RedisStoreOptions()
    ) async throws(StoreError) {
        let (deployment, address) = try Deployment.split(url)
        // Which node is asked first, and how long a retry pauses, must not change the ids.
        let wiring = Environment(clock: environment.clock, random: SystemRandom())
        let client: RedisClient
        do throws(RedisURLError) {
            client = try RedisClient(try RedisURL(address), RedisSettings(), wiring)
        } catch {
            throw .invalid(field: "store", reason: error.description)
        }
        // Names a process among those that share the deployment, and draws nothing from the environment's randomness.
        let origin = JobID(at: environment.clock.now(), random: (SystemRandom().next(), SystemRandom().next())).description
        let clock = options.time == .environment ? StoreClock(environment.clock) : nil
        let caller = Caller(client: client, deployment: deployment, fanout: WakeupFanout(), origin: origin, clock: clock)
        let topics = TopicCache(caller, random: environment.random)
        self.caller = caller
        self.topics = topics
        follower = HintFollower(caller, environment)
        enqueuing = Gatherer { rows throws(StoreError) in try await Self.enqueue(rows, caller) }
        settling = Gatherer { rows throws(StoreError) in try await Self.settle(rows, topics) }
        recording = Gatherer { rows throws(StoreError) in try await Self.record(rows, caller) }
        appending = Gatherer { rows throws(StoreError) in try await Self.append(rows, topics) }
        do throws(StoreError) {
            warnings = try await Self.open(caller, options)
        } catch {
            await client.close()
            throw error
        }
    }

    /// Ends the connections. What is under way fails.
    public func close() async {
        follower.close()
        await caller.client.close()
    }

    private static func open(_ caller: Caller, _ options: RedisStoreOptions) async throws(StoreError) -> [String] {
        let report = ServerReport(info: try await caller.send(RedisCommand("INFO")).string ?? "")
        try report.checkVersion()
        if options.requiresDurable, let warning = report.warnings.first { throw .corrupt(reason: warning) }
        _ = try await caller.answer(.open)
        return report.warnings
    }
}
