import MartletCore
import PostgresStore
import Synchronization

/// Two stores on one schema, as two processes would have them, with the server's clock.
struct StorePair {
    let schema = TestServer.makeName()
    let first: PostgresStore
    let second: PostgresStore

    init() async throws {
        first = try await Self.open(schema)
        second = try await Self.open(schema)
    }

    static func open(_ schema: String) async throws -> PostgresStore {
        try await PostgresStore(try TestServer.url, schema: schema, environment: .system, settings: TestServer.settings)
    }

    /// Closes both and drops what they wrote.
    func close() async throws {
        await first.close()
        await second.close()
        try await TestServer.drop(schema)
    }
}

/// What several tasks have seen.
final class Collected<Value: Sendable>: Sendable {
    private let values = Mutex<[Value]>([])

    var all: [Value] { values.withLock { $0 } }

    func add(_ more: [Value]) {
        values.withLock { $0 += more }
    }
}

extension NewJob {
    static func made(kind: String = "work", _ shape: (inout NewJob) -> Void = { _ in }) -> NewJob {
        var job = NewJob(id: Environment.system.makeJobID(), kind: kind, payload: Payload(["n": 1]))
        shape(&job)
        return job
    }
}
