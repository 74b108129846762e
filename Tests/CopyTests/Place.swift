import Foundation
import MartletCore
import PostgresStore
import RedisStore
import SQLiteStore

/// Where a store is for as long as a test takes.
enum Place {
    enum Sort: String, CaseIterable, Sendable {
        case sqlite, postgres, redis
    }

    struct Missing: Error, CustomStringConvertible {
        let variable: String
        var description: String { "\(variable) is not set: run scripts/test, which starts the servers" }
    }

    static func with(_ sort: Sort, _ body: (any Store) async throws -> Void) async throws {
        let name = "copy" + Environment.system.makeJobID().description.filter { $0 != "-" }
        switch sort {
        case .sqlite:
            let folder = FileManager.default.temporaryDirectory.appending(path: name)
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            let store = try await SQLiteStore(path: folder.appending(path: "martlet.db").path(percentEncoded: false))
            try await ending {
                try await body(store)
            } then: {
                await store.close()
                try FileManager.default.removeItem(at: folder)
            }
        case .postgres:
            let store = try await PostgresStore(try value("MARTLET_TEST_POSTGRES"), schema: name)
            try await ending {
                try await body(store)
            } then: {
                await store.close()
            }
        case .redis:
            let url = try value("MARTLET_TEST_REDIS")
            let store = try await RedisStore(url: "\(url)\(url.contains("?") ? "&" : "?")prefix=\(name)")
            try await ending {
                try await body(store)
            } then: {
                try await store.erase()
                await store.close()
            }
        }
    }

    private static func value(_ variable: String) throws -> String {
        guard let value = ProcessInfo.processInfo.environment[variable] else { throw Missing(variable: variable) }
        return value
    }

    private static func ending(_ body: () async throws -> Void, then end: () async throws -> Void) async throws {
        do {
            try await body()
        } catch {
            try await end()
            throw error
        }
        try await end()
    }
}
