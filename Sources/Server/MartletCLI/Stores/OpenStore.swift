import MartletCore
import PostgresStore
import RedisStore
import SQLiteStore

/// A store that this process has opened, whichever it is.
struct OpenStore: Sendable {
    let store: any Store
    /// What of the server may lose accepted work, and what to do about it; to be said loudly.
    let warnings: [String]
    private let end: @Sendable () async -> Void

    /// - Parameter requiresDurable: refuses a server that may lose accepted work, in place of a warning.
    static func open(_ address: StoreAddress, requiresDurable: Bool = false, environment: Environment) async throws -> OpenStore {
        switch address {
        case .sqlite(let path):
            let store = try await SQLiteStore(path: path, environment: environment)
            return OpenStore(store: store, warnings: []) { await store.close() }
        case .postgres(let url):
            let store = try await PostgresStore(url, environment: environment)
            return OpenStore(store: store, warnings: []) { await store.close() }
        case .redis(let url):
            var options = RedisStoreOptions()
            options.requiresDurable = requiresDurable
            let store = try await RedisStore(url: url, environment: environment, options: options)
            return OpenStore(store: store, warnings: store.warnings) { await store.close() }
        }
    }

    /// Opens a store, hands it over, and closes it, whatever happens.
    static func with<Result>(
        _ address: StoreAddress, requiresDurable: Bool = false, environment: Environment, _ body: (OpenStore) async throws -> Result
    ) async throws -> Result {
        let open = try await Self.open(address, requiresDurable: requiresDurable, environment: environment)
        let result: Result
        do {
            result = try await body(open)
        } catch {
            await open.end()
            throw error
        }
        await open.end()
        return result
    }

    private init(store: any Store, warnings: [String], end: @escaping @Sendable () async -> Void) {
        self.store = store
        self.warnings = warnings
        self.end = end
    }
}
