import Database
import Foundation
import Logging
import MartletCore

/// Typed settings in layers: the default of the program, the tenant's, the entity's.
///
/// Read from memory for five minutes, or for as long as is wanted; a write is heard by every process within a second, because it tells of itself in
/// its own transaction. `run()` must be running.
public final class Settings: Sendable {
    /// A setting's text is at most this long.
    public static let valueBytes = 64 << 10

    private let database: SQLDatabase
    private let cache: Cache
    private let policy: CachePolicy
    private let environment: Environment

    /// - Parameters:
    ///   - cache: names the cache of these settings, where a process has several.
    ///   - ttl: how long a scope is read from memory where no write of it is heard of.
    public init(
        in database: SQLDatabase, named cache: String = "settings", keptFor ttl: Duration = .seconds(300), environment: Environment,
        logger: Logger = Logger(label: "martlet.settings")
    ) {
        var policy = CachePolicy(ttl: ttl, negativeTTL: ttl)
        // Reading a row is cheap: nobody need come before the time.
        policy.eagerness = 0
        policy.timeout = .seconds(30)
        self.policy = policy
        self.database = database
        self.environment = environment
        self.cache = Cache(cache, in: database, leases: nil, environment: environment, logger: logger)
    }

    /// Hears what other processes write, until cancelled.
    public func run() async { await cache.run() }

    public var statistics: CacheStatistics { cache.statistics }

    /// The setting as it counts in this scope.
    /// - Throws: `SettingsError`; `DatabaseFailure`.
    public func value<Value>(of setting: Setting<Value>, for scope: SettingScope) async throws -> Value {
        try await origin(of: setting, for: scope).value
    }

    /// The setting as it counts in this scope, and where it is set: `nil` is the default.
    public func origin<Value>(of setting: Setting<Value>, for scope: SettingScope) async throws -> (value: Value, layer: SettingScope?) {
        try Self.check(setting.name, scope)
        for layer in scope.layers {
            guard let text = try await stored(in: layer)[setting.name] else { continue }
            do {
                return (try JSONDecoder().decode(Value.self, from: Data(text.utf8)), layer)
            } catch {
                throw SettingsError.unreadable(setting: setting.name, scope: layer)
            }
        }
        return (setting.defaultValue, nil)
    }

    /// What is set in this scope itself: JSON texts by name.
    public func stored(in scope: SettingScope) async throws -> [String: String] {
        try await cache.value(for: scope.key, as: [String: String].self, policy) { try await self.read(scope) } ?? [:]
    }

    private func read(_ scope: SettingScope) async throws -> [String: String]? {
        let rows = try await database.read {
            try $0.rows("SELECT name, value FROM records_settings WHERE tenant = \(scope.tenant) AND entity = \(scope.entity)")
        }
        var texts: [String: String] = [:]
        for row in rows { texts[try row.get("name")] = try row.get("value") }
        return texts.isEmpty ? nil : texts
    }

    /// Sets it, for this process at once.
    /// - Throws: `SettingsError.invalid`; `DatabaseFailure`.
    public func set<Value>(_ setting: Setting<Value>, to value: Value, for scope: SettingScope) async throws {
        try Self.check(setting.name, scope)
        if let reason = setting.fault(value) { throw SettingsError.invalid(setting: setting.name, reason: reason) }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let text = String(decoding: try encoder.encode(value), as: UTF8.self)
        guard text.utf8.count <= Self.valueBytes else {
            throw SettingsError.invalid(setting: setting.name, reason: "must not be longer than \(Self.valueBytes) bytes")
        }
        let (now, name) = (environment.clock.now(), setting.name)
        try await write(scope) { connection in
            try connection.run(
                """
                INSERT INTO records_settings (tenant, entity, name, value, updated_at)
                VALUES (\(scope.tenant), \(scope.entity), \(name), \(text), \(now))
                ON CONFLICT (tenant, entity, name) DO UPDATE SET value = excluded.value, updated_at = excluded.updated_at
                """)
        }
    }

    /// Takes it back, so that the next layer counts.
    public func remove<Value>(_ setting: Setting<Value>, for scope: SettingScope) async throws {
        try Self.check(setting.name, scope)
        let name = setting.name
        try await write(scope) { connection in
            try connection.run(
                "DELETE FROM records_settings WHERE tenant = \(scope.tenant) AND entity = \(scope.entity) AND name = \(name)")
        }
    }

    /// Removes everything that is set for a scope that is gone.
    public func removeAll(for scope: SettingScope) async throws {
        try await write(scope) { connection in
            try connection.run("DELETE FROM records_settings WHERE tenant = \(scope.tenant) AND entity = \(scope.entity)")
        }
    }

    private func write(_ scope: SettingScope, _ change: @escaping @Sendable (any SQLConnection) throws -> Void) async throws {
        let (name, now, range) = (cache.name, environment.clock.now(), KeyRange(key: scope.key))
        defer { cache.forget(range) }
        try await database.write { connection in
            try change(connection)
            try Invalidations.append(range, to: name, at: now, connection)
        }
    }

    private static func check(_ name: String, _ scope: SettingScope) throws(SettingsError) {
        var parts = [("", name), ("'s tenant", scope.tenant)]
        if case .entity(let entity, _) = scope { parts.append(("'s entity", entity)) }
        for (what, text) in parts {
            let reason = text.isEmpty ? "must not be empty" : NewJob.nameFault(text)
            if let reason { throw .invalid(setting: Limits.cut(name, to: 80) + what, reason: reason) }
        }
        guard scope.key.utf8.count <= CacheLimits.keyBytes else { throw .invalid(setting: name, reason: "is for a scope whose names are too long") }
    }
}
