import Logging
import MartletCore
import Synchronization

/// The keys and sessions as this process knows them: asked with every request, read from the database only where something has changed.
///
/// A key that is revoked anywhere stops working here within `interval` and the time of one read. Where the database cannot be read, keys go on
/// working for `staleMax`, and no longer.
final class KeyRing: Sendable {
    static let interval: Duration = .seconds(1)
    static let staleMax: Duration = .seconds(30)
    private static let noteInterval: Duration = .seconds(60)

    private struct State {
        var snapshot = KeySnapshot.empty
        /// When the snapshot was last seen to be current.
        var confirmedAt: Duration?
        /// Not yet noted in the table.
        var used: [String: Timestamp] = [:]
        var notedAt: Duration = .zero
        var isFailing = false
    }

    private let table: KeyTable
    private let clock: any EngineClock
    private let logger: Logger
    private let state = Mutex(State())
    private let refresher: Refresher

    init(_ table: KeyTable, clock: any EngineClock, logger: Logger) {
        (self.table, self.clock, self.logger) = (table, clock, logger)
        refresher = Refresher(every: Self.interval, atMostEvery: .milliseconds(100), clock: clock)
    }

    func run() async {
        await refresher.run {
            do {
                try await self.refresh()
                try await self.noteUse()
                self.report(nil)
            } catch {
                self.report(error)
            }
        }
        // Cancelled: what was used since is noted no more, which is all `last_used_at` promises.
    }

    /// Whether there has ever been a key: from then on nobody may do anything without one.
    var hasKeys: Bool { state.withLock { !$0.snapshot.keys.isEmpty } }

    /// Reads the table where it has changed.
    /// - Throws: `DatabaseFailure`.
    func refresh() async throws {
        let began = clock.uptime()
        let version = state.withLock { $0.snapshot.version }
        let changed = try await table.snapshot(since: version)
        state.withLock { state in
            if let changed, changed.version > state.snapshot.version { state.snapshot = changed }
            state.confirmedAt = max(state.confirmedAt ?? began, began)
        }
    }

    /// Returns once the ring knows what the table knew when this was called.
    func catchUp() async throws(Problem) { try await refresher.next() }

    /// The key with this text, as far as this process knows; one that was made less than a second ago it may not.
    /// - Throws: where the keys have not been seen for too long.
    func known(key text: String) throws(Problem) -> KeySnapshot.Key? {
        let now = clock.now()
        guard let id = KeySecret.id(in: text), let key = try find({ $0.keys[id] }), key.record.isUsable(at: now),
            KeySecret.areEqual(key.hash, KeySecret.hash(of: text))
        else { return nil }
        state.withLock { $0.used[id] = now }
        return key
    }

    /// The key with which this session was begun, likewise.
    func known(session token: String) throws(Problem) -> KeySnapshot.Key? {
        let (hash, now) = (KeySecret.hash(of: token), clock.now())
        return try find { $0.key(ofSession: hash, at: now) }
    }

    /// Whether a key that was known may still be used; where the keys cannot be read, it may not.
    func isUsable(_ id: String) -> Bool {
        let now = clock.now()
        do throws(Problem) { return try find { $0.keys[id] }?.record.isUsable(at: now) ?? false } catch { return false }
    }

    /// Whether a session goes on.
    func isOpen(session token: String) -> Bool {
        do throws(Problem) { return try known(session: token) != nil } catch { return false }
    }

    private func find(_ look: (KeySnapshot) -> KeySnapshot.Key?) throws(Problem) -> KeySnapshot.Key? {
        let now = clock.uptime()
        let found = state.withLock { state -> KeySnapshot.Key?? in
            guard let confirmed = state.confirmedAt, now - confirmed <= Self.staleMax else { return .none }
            return .some(look(state.snapshot))
        }
        guard let found else {
            var problem = Problem(.storeUnavailable, "the keys cannot be read from the database, so nobody can be let in: try again")
            problem.retryAfter = .seconds(1)
            throw problem
        }
        return found
    }

    private func noteUse() async throws {
        let now = clock.uptime()
        let used = state.withLock { state -> [String: Timestamp] in
            guard now - state.notedAt >= Self.noteInterval, !state.used.isEmpty else { return [:] }
            state.notedAt = now
            defer { state.used = [:] }
            return state.used
        }
        if !used.isEmpty { try await table.note(used: used) }
    }

    /// Said when it begins and when it is over, not every second.
    private func report(_ error: (any Error)?) {
        let was = state.withLock { state in
            defer { state.isFailing = error != nil }
            return state.isFailing
        }
        if let error, !was {
            logger.error("the keys cannot be read", metadata: ["error": "\(error)"])
        } else if error == nil, was {
            logger.notice("the keys can be read again")
        }
    }

    // MARK: Sessions

    /// Begins a session for the key.
    /// - Returns: its token, which is kept nowhere.
    func openSession(_ key: KeyRecord, lasting lifetime: Duration, _ random: any RandomSource) async throws -> String {
        let token = Base32.encode(KeySecret.bytes(32, random))
        let end = clock.now() + lifetime
        try await table.openSession(KeySecret.hash(of: token), ofKey: key.id, until: min(end, key.expiresAt ?? end))
        try await catchUp()
        return token
    }

    func closeSession(_ token: String) async throws {
        try await table.closeSession(KeySecret.hash(of: token))
        try await catchUp()
    }
}
