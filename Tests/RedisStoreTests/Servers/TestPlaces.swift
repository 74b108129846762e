import Foundation
import MartletCore
import StoreConformance
import Synchronization

@testable import RedisStore

/// Deployments of their own on the Redis that `scripts/test` starts, each closed and removed when the test is over.
final class TestPlaces: Sendable {
    private let address: String
    private let opened = Mutex<[RedisStore]>([])

    /// - Parameter variable: the environment variable that names the server.
    init(_ variable: String = "MARTLET_TEST_REDIS") throws {
        guard let address = ProcessInfo.processInfo.environment[variable] else {
            throw Violation("\(variable) is not set: run scripts/test, which starts the servers")
        }
        self.address = address
    }

    /// Runs `body`, then closes every store and removes everything that they wrote.
    static func with(_ variable: String = "MARTLET_TEST_REDIS", _ body: (TestPlaces) async throws -> Void) async throws {
        let places = try TestPlaces(variable)
        do {
            try await body(places)
        } catch {
            try await places.clear()
            throw error
        }
        try await places.clear()
    }

    /// The address of a place where nothing is yet.
    /// Its times are long, since all tests run at once.
    func makeURL() -> String {
        "\(address)\(address.contains("?") ? "&" : "?")timeout=60&connect_timeout=60&prefix=test-\(Environment.system.makeJobID())"
    }

    /// A store, in a place of its own where none is named. Its clock is the environment's.
    func open(_ environment: Environment = .system, at url: String? = nil, _ options: RedisStoreOptions = .virtual) async throws -> RedisStore {
        let store = try await RedisStore(url: url ?? makeURL(), environment: environment, options: options)
        opened.withLock { $0.append(store) }
        return store
    }

    /// Every store that it makes is empty.
    var factory: StoreFactory {
        StoreFactory(name: "RedisStore") { try await self.open($0) }
    }

    private func clear() async throws {
        for store in opened.withLock({ $0 }) {
            try await store.erase()
            await store.close()
        }
    }
}

extension RedisStoreOptions {
    /// The environment's clock is the store's.
    static var virtual: RedisStoreOptions {
        var options = RedisStoreOptions()
        options.time = .environment
        return options
    }
}
