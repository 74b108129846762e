import Foundation
import Martlet
import PostgresStore
import RedisStore
import SQLiteStore

/// An empty store for one scenario, removed after it: a file of its own, or a place of its own on a server.
struct BenchStore: Sendable {
    let store: any Store
    /// What has been written so far.
    let log: @Sendable () async throws -> LogPosition
    /// One more store at the same place, with connections of its own: as another process has.
    let beside: @Sendable () async throws -> Beside
    private let end: @Sendable () async throws -> Void

    struct Beside: Sendable {
        let store: any Store
        let close: @Sendable () async -> Void
    }

    /// - Parameter address: of a server; `nil` is a file in the system's temporary folder.
    static func with<Result>(
        _ address: StoreAddress?, environment: MartletCore.Environment, _ body: (BenchStore) async throws -> Result
    ) async throws -> Result {
        let bench = try await open(address, environment)
        let result: Swift.Result<Result, any Error>
        do {
            result = .success(try await body(bench))
        } catch {
            result = .failure(error)
        }
        try await bench.end()
        return try result.get()
    }

    private static func open(_ address: StoreAddress?, _ environment: MartletCore.Environment) async throws -> BenchStore {
        let name = "bench_\(environment.makeJobID())".replacing("-", with: "")
        switch address {
        case .postgres(let url):
            let open: @Sendable () async throws -> PostgresStore = { try await PostgresStore(url, schema: name, environment: environment) }
            let store = try await open()
            return BenchStore(store: store, log: { LogPosition(bytes: try await store.logBytes(), commits: try await store.commits()) }) {
                let other = try await open()
                return Beside(store: other) { await other.close() }
            } end: {
                try await store.erase()
                await store.close()
            }
        case .redis(let url):
            let place = "\(url)\(url.contains("?") ? "&" : "?")prefix=\(name)"
            let open: @Sendable () async throws -> RedisStore = { try await RedisStore(url: place, environment: environment) }
            let store = try await open()
            return BenchStore(store: store, log: { LogPosition(bytes: try await store.logBytes(), commits: try await store.commits()) }) {
                let other = try await open()
                return Beside(store: other) { await other.close() }
            } end: {
                try await store.erase()
                await store.close()
            }
        case .sqlite, nil: return try await file(named: name, environment)
        }
    }

    private static func file(named name: String, _ environment: MartletCore.Environment) async throws -> BenchStore {
        let folder = FileManager.default.temporaryDirectory.appending(path: name)
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        let path = folder.appending(path: "bench.db").path(percentEncoded: false)
        let open: @Sendable () async throws -> SQLiteStore = { try await SQLiteStore(path: path, environment: environment) }
        do {
            let store = try await open()
            return BenchStore(store: store, log: { try LogPosition(writeAheadLog: path + "-wal") }) {
                let other = try await open()
                return Beside(store: other) { await other.close() }
            } end: {
                await store.close()
                try FileManager.default.removeItem(at: folder)
            }
        } catch {
            try FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    private init(
        store: any Store, log: @escaping @Sendable () async throws -> LogPosition, beside: @escaping @Sendable () async throws -> Beside,
        end: @escaping @Sendable () async throws -> Void
    ) {
        self.store = store
        self.log = log
        self.beside = beside
        self.end = end
    }
}
