import Database
import Logging
import MartletCore

/// One refresh of one connection, under its lease. Writes down that it is about to ask, asks, and commits what it got before anybody uses it.
struct RefreshFlight: Sendable {
    let connections: Connections
    let id: JobID
    let lease: HeldLease

    private var environment: Environment { connections.environment }
    private var vault: Vault { connections.vault }
    private var wish: Flights.Wish? { connections.flights.wish(id) }

    /// - Returns: a token that is in the database.
    /// - Throws: `ConnectionError`; what the database and the vault throw; `CancellationError`.
    func run() async throws -> AccessToken {
        // Again, since it was read last before the lease was had.
        let snapshot = try await connections.load(id)
        switch RefreshStart(snapshot, rejecting: wish?.rejecting, now: environment.clock.now()) {
        case .fresh:
            guard let token = snapshot.accessToken else { throw ConnectionError.notFound("token of connection \(id)") }
            return token
        case .refuse(let error): throw error
        case .end(let ending): throw try await end(snapshot, ending)
        case .ask: return try await ask(snapshot)
        }
    }

    private func ask(_ snapshot: ConnectionSnapshot) async throws -> AccessToken {
        let clock = environment.clock
        guard let request = try TokenRequest.refresh(snapshot) else { throw ConnectionError.notFound("refresh token of connection \(id)") }
        var retries = RefreshRetries(mayRepeat: snapshot.mayRepeat, grace: snapshot.grace)
        var intent = snapshot.row
        while true {
            let before = intent
            let asked = clock.now()
            intent = try await intend(snapshot)
            let answer = TokenAnswer(await connections.post(request), now: clock.now())
            let left = (wish?.deadline ?? .zero) - clock.uptime()
            switch retries.next(
                after: answer, unanswered: intent.unanswered, since: intent.unansweredSince ?? asked, now: clock.now(), left: left, environment)
            {
            case .commit(let grant): return try await commit(grant, snapshot, asked: asked)
            case .end(let ending): throw try await end(snapshot, ending)
            case .retry(let pause, let isKnown):
                if isKnown { intent = try await recall(to: before, snapshot) }
                connections.logger.notice(
                    "a token endpoint is asked again", metadata: ["connection": "\(id)", "pause_seconds": "\(pause.inSeconds)"])
                try await clock.sleep(for: pause)
            }
        }
    }

    /// Writes down that a request is about to be sent, as one whose outcome nobody knows: so it stands if this process ends now.
    private func intend(_ snapshot: ConnectionSnapshot) async throws -> ConnectionRow {
        try await update(snapshot) { now in
            """
            state = \(ConnectionState.refreshing.rawValue), unanswered = unanswered + 1, unanswered_since = COALESCE(unanswered_since, \(now))
            """
        }
    }

    /// The request did nothing.
    private func recall(to before: ConnectionRow, _ snapshot: ConnectionSnapshot) async throws -> ConnectionRow {
        try await update(snapshot) { _ in "unanswered = \(before.unanswered), unanswered_since = \(before.unansweredSince)" }
    }

    /// Changes the row where it is still the one that was read, and nobody with a later lease has been here.
    /// - Throws: `ConnectionError.fenced`.
    private func update(
        _ snapshot: ConnectionSnapshot, _ change: @escaping @Sendable (Timestamp) -> SQL
    ) async throws -> ConnectionRow {
        let (id, epoch, version) = (id, lease.epoch, snapshot.row.version)
        return try await vault.write { rows in
            guard let row = try Self.update(rows, id, epoch, version, change(rows.now)) else { throw ConnectionError.fenced(id) }
            return row
        }
    }

    private static func update(_ rows: SecretRows, _ id: JobID, _ epoch: Int, _ version: Int, _ change: SQL) throws -> ConnectionRow? {
        try rows.connection.rows(
            """
            UPDATE vault_connections SET \(change), epoch = \(epoch), updated_at = \(rows.now)
            WHERE id = \(id) AND version = \(version) AND epoch <= \(epoch) AND state IN ('active', 'refreshing') RETURNING *
            """
        ).first.map { try ConnectionRow($0) }
    }

    /// Writes the new tokens. While the database does not take them they are in this process alone, so it is tried for long.
    private func commit(_ grant: TokenGrant, _ snapshot: ConnectionSnapshot, asked: Timestamp) async throws -> AccessToken {
        let clock = environment.clock
        let end = clock.uptime() + connections.options.commitPatience
        var backoff = Backoff(base: .milliseconds(50), max: .seconds(2))
        // A server that replaces no refresh token may leave it out (RFC 6749, section 6).
        let tokens = TokenSet(access: grant.tokens.access, refresh: grant.tokens.refresh ?? snapshot.tokens?.refresh)
        let isRenewable = snapshot.row.kind == .clientCredentials || tokens.refresh != nil
        let life = TokenLife(grant, snapshot.provider, asked: asked, isRenewable: isRenewable, environment)
        while true {
            do {
                return try await write(tokens, grant.scopes ?? snapshot.row.scopes, life, snapshot)
            } catch let failure as DatabaseFailure where failure.kind == .unavailable && clock.uptime() < end {
                connections.logger.error("new tokens could not be written, will try again", metadata: ["connection": "\(id)", "error": "\(failure)"])
                try await clock.sleep(for: backoff.failed(environment))
            }
        }
    }

    private func write(
        _ tokens: TokenSet, _ scopes: [String], _ life: TokenLife, _ snapshot: ConnectionSnapshot
    ) async throws -> AccessToken {
        let (row, epoch) = (snapshot.row, lease.epoch)
        let rotates = row.rotates || (snapshot.tokens?.refresh != nil && tokens.refresh != snapshot.tokens?.refresh)
        let notice = environment.makeJobID()
        let token = AccessToken(
            secret: tokens.access, connection: row.id, version: row.version + 1, expiresAt: life.expiresAt, scopes: scopes)
        let change: SQL = """
            state = \(ConnectionState.active.rawValue), reason = NULL, version = version + 1, unanswered = 0, unanswered_since = NULL, failures = 0,
            rotates = \(rotates), scopes = \(scopes.joined(separator: " ")), expires_at = \(life.expiresAt),
            usable_until = \(life.usableUntil), refresh_at = \(life.refreshAt)
            """
        try await vault.write { rows in
            guard let written = try Self.update(rows, row.id, epoch, row.version, change) else {
                // The last try may have come through, and its answer been lost.
                if try rows.get(row.tokens).flatMap({ try TokenSet($0) }) == tokens { return }
                throw ConnectionError.fenced(row.id)
            }
            try rows.put(tokens.secret, at: written.tokens)
            try ConnectionNotice(.refreshed, written).write(notice, rows)
        }
        return token
    }

    /// Writes down how it ended, and tells the owner where that is news.
    /// - Returns: what to throw.
    private func end(_ snapshot: ConnectionSnapshot, _ ending: RefreshEnding) async throws -> ConnectionError {
        let (row, epoch) = (snapshot.row, lease.epoch)
        let pause = ending.pause(failures: row.failures + 1, environment)
        let refreshAt = pause.map { environment.clock.now() + $0 }
        let notice = environment.makeJobID()
        // An uncertain end keeps the count: what nobody knows stays unknown. Every other end is an answer.
        let isAnswer: Bool = if case .uncertain = ending { false } else { true }
        let count: SQL = isAnswer ? ", unanswered = \(row.unanswered), unanswered_since = \(row.unansweredSince)" : ""
        let change: SQL = """
            state = \(ending.state.rawValue), reason = \(ending.reason), failures = \(row.failures + 1), refresh_at = \(refreshAt)\(count)
            """
        try await vault.write { rows in
            guard let written = try Self.update(rows, row.id, epoch, row.version, change) else { throw ConnectionError.fenced(row.id) }
            // Nobody can use them any more.
            if ending.state == .needsReconnect { try rows.delete(written.tokens) }
            // The tenth failure in a row is no news.
            guard row.failures == 0 || row.reason != ending.reason || ending.state != .active else { return }
            try ConnectionNotice(ending.notice, written, reason: ending.reason).write(notice, rows)
        }
        return ending.error(row.id, pause: pause)
    }
}
