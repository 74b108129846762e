import Foundation
import Martlet
import PostgresStore
import RedisStore
import SQLiteStore

/// An empty store for one scenario, removed after it: a file of its own, or a place of its own on a server.
struct BenchStore: Sendable {
    let store: any Store
    /// How large the log is that makes its writes durable.
    let logBytes: @Sendable () async throws -> Int
    private let end: @Sendable () async throws -> Void

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
            let store = try await PostgresStore(url, schema: name, environment: environment)
            return BenchStore(store: store, logBytes: { try await store.logBytes() }) {
                try await store.erase()
                await store.close()
            }
        case .redis(let url):
            let store = try await RedisStore(url: "\(url)\(url.contains("?") ? "&" : "?")prefix=\(name)", environment: environment)
            return BenchStore(store: store, logBytes: { try await store.logBytes() }) {
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
        do {
            let store = try await SQLiteStore(path: path, environment: environment)
            return BenchStore(store: store, logBytes: { FilePaths.size(path + "-wal") ?? 0 }) {
                await store.close()
                try FileManager.default.removeItem(at: folder)
            }
        } catch {
            try FileManager.default.removeItem(at: folder)
            throw error
        }
    }

    private init(store: any Store, logBytes: @escaping @Sendable () async throws -> Int, end: @escaping @Sendable () async throws -> Void) {
        self.store = store
        self.logBytes = logBytes
        self.end = end
    }
}
