import Logging
import MartletCore
import MartletTesting
import Outbound
import Synchronization

/// A client as tests use it: it may reach loopback over plain HTTP, and its clock is either real or stands still.
struct Outside: Sendable {
    let client: OutboundClient
    let clock: VirtualClock
    let store: any Store

    /// Loopback, in both families.
    static let loopback = ["127.0.0.0/8", "::1/128"].compactMap { Network($0) }

    /// For tests that are not about time: a busy machine is no slow server.
    static let patient = Deadlines(connect: .seconds(300), firstByte: .seconds(300), idle: .seconds(300), total: .seconds(600))

    static func destination(_ name: String = "test", deadlines: Deadlines = patient, _ change: (inout Destination) -> Void = { _ in }) -> Destination
    {
        var destination = Destination(name, deadlines: deadlines)
        destination.allowsPlainHTTP = true
        destination.allowedNetworks = loopback
        destination.retry.backoff = RetryPolicy(base: .milliseconds(1), factor: 2, max: .milliseconds(4))
        change(&destination)
        return destination
    }

    /// On a clock that the test moves.
    static func still<Value: Sendable>(
        resolver: any HostResolver = SystemResolver(), logger: Logger = silent, _ body: @Sendable (Outside) async throws -> Value
    ) async throws -> Value {
        let clock = VirtualClock()
        let environment = Environment(clock: clock, random: SeededRandom(seed: 7))
        return try await run(environment, clock, MemoryStore(environment: environment), resolver, logger, OutboundConfiguration(), body)
    }

    /// On the real clock.
    static func real<Value: Sendable>(
        store: (any Store)? = nil, resolver: any HostResolver = SystemResolver(), configuration: OutboundConfiguration = OutboundConfiguration(),
        _ body: @Sendable (Outside) async throws -> Value
    ) async throws -> Value {
        let environment = Environment(clock: SystemClock(), random: SeededRandom(seed: 7))
        return try await run(
            environment, VirtualClock(), store ?? MemoryStore(environment: environment), resolver, silent, configuration, body)
    }

    static let silent = Logger(label: "martlet.test") { _ in SwiftLogNoOpLogHandler() }

    private static func run<Value: Sendable>(
        _ environment: Environment, _ clock: VirtualClock, _ store: any Store, _ resolver: any HostResolver, _ logger: Logger,
        _ configuration: OutboundConfiguration, _ body: @Sendable (Outside) async throws -> Value
    ) async throws -> Value {
        let client = OutboundClient(configuration: configuration, store: store, environment: environment, logger: logger, resolver: resolver)
        let result: Result<Value, any Error>
        do { result = .success(try await body(Outside(client: client, clock: clock, store: store))) } catch { result = .failure(error) }
        try await client.shutdown()
        return try result.get()
    }
}

/// A name server that answers what a test wants, another thing each time.
final class ScriptedResolver: HostResolver {
    private let script: @Sendable (_ host: String, _ lookup: Int) -> [String]
    private let count = Mutex(0)

    init(_ script: @escaping @Sendable (_ host: String, _ lookup: Int) -> [String]) {
        self.script = script
    }

    var lookups: Int { count.withLock { $0 } }

    func addresses(of host: String) async throws -> [IPAddress] {
        let lookup = count.withLock { count in
            count += 1
            return count
        }
        return script(host, lookup).compactMap { IPAddress($0) }
    }

    func stop() async throws {}
}

/// The error that `body` throws.
func failure<Value>(_ body: () async throws -> Value) async -> OutboundError? {
    do {
        _ = try await body()
        return nil
    } catch {
        return error as? OutboundError
    }
}

/// What a test did not expect, and cannot go on after.
struct Unexpected: Error {
    let what: String

    init(_ what: String) {
        self.what = what
    }
}
