import Database
import Logging
import MartletCore

extension Connections {
    /// A token that is good now: the stored one, or a new one that is committed already.
    ///
    /// Many callers for one connection share one refresh. Needs `run()` in this process; the refresh goes on where the caller gives up.
    /// - Parameters:
    ///   - limit: how long the caller waits. The answer, or the error, comes a little before.
    ///   - rejected: a token that the provider's API has refused though it should be good: after a clock went wrong, or a token was revoked.
    /// - Throws: `ConnectionError`; `VaultError`; `DatabaseFailure`; `StoreError` where leases are not to be had; `CancellationError`.
    public func token(for id: JobID, within limit: Duration = .seconds(30), replacing rejected: AccessToken? = nil) async throws -> AccessToken {
        let clock = environment.clock
        let deadline = clock.uptime() + limit - min(limit / 20, .milliseconds(250))
        return try await withThrowingTaskGroup(of: AccessToken.self) { group in
            group.addTask { try await self.token(for: id, until: deadline, rejecting: rejected?.version) }
            group.addTask {
                try await clock.sleep(for: deadline - clock.uptime())
                throw ConnectionError.deadline(id)
            }
            defer { group.cancelAll() }
            guard let token = try await group.next() else { throw CancellationError() }
            return token
        }
    }

    private func token(for id: JobID, until deadline: Duration, rejecting rejected: Int?) async throws -> AccessToken {
        while true {
            let snapshot = try await load(id)
            switch snapshot.row.standing(hasTokens: snapshot.tokens != nil, rejecting: rejected, now: environment.clock.now()) {
            case .usable:
                if let token = snapshot.accessToken { return token }
            case .ended(let error): throw error
            case .due: break
            }
            guard environment.clock.uptime() < deadline else { throw ConnectionError.deadline(id) }
            do {
                let token = try await flights.join(id, .init(deadline: deadline, waits: true, rejecting: rejected))
                if token.version > (rejected ?? 0) { return token }
            } catch is LeaseError {
                // Another process has it, or has taken it over: what it writes is read next.
            } catch ConnectionError.fenced(id) {
            }
        }
    }

    /// Refreshes what callers ask for, and what is due where no other process sees to that, until `stop()`: then it returns when what is under way
    /// has ended. Where the task is cancelled instead, replies may be lost, and their connections become uncertain.
    public func run() async {
        flights.open()
        await withDiscardingTaskGroup { group in
            group.addTask { await self.sweep() }
            await withDiscardingTaskGroup { flying in
                while let id = await self.flights.take() {
                    flying.addTask { await self.fly(id) }
                }
            }
            group.cancelAll()
        }
    }

    /// Lets `run()` end what is under way and return.
    public func stop() { flights.close() }

    /// Begins to refresh the connections that are due, the longest due first.
    /// - Returns: how many of them.
    @discardableResult
    public func refreshDue(limit: Int = 100) async throws -> Int {
        let now = environment.clock.now()
        let due = try await vault.database.read { connection in
            try connection.rows("SELECT id FROM vault_connections WHERE refresh_at <= \(now) ORDER BY refresh_at LIMIT \(max(1, limit))")
                .map { try $0.get("id", as: JobID.self) }
        }
        let deadline = environment.clock.uptime() + options.sweepPatience
        return due.count { flights.request($0, .init(deadline: deadline, waits: false)) }
    }

    /// Held by the one process that looks for connections that are due.
    public static let sweepLease = "connections"

    private func sweep() async {
        var backoff = Backoff(base: .seconds(1), max: .seconds(60))
        while !Task.isCancelled {
            do {
                try await leases.withLease(Self.sweepLease, for: options.leaseDuration, waiting: nil) { _ in await self.sweepOverAndOver() }
            } catch {
                guard !Task.isCancelled else { return }
                logger.warning("nobody here looks for connections that are due, will try again", metadata: ["error": "\(error)"])
                do { try await environment.clock.sleep(for: backoff.failed(environment)) } catch { return }
            }
        }
    }

    private func sweepOverAndOver() async {
        let clock = environment.clock
        var backoff = Backoff(base: .seconds(1), max: .seconds(60))
        while !Task.isCancelled {
            var pause = options.sweepInterval / 2 + environment.duration(upTo: options.sweepInterval / 2)
            do {
                try await refreshDue(limit: options.concurrency * 4)
                backoff.succeeded()
            } catch {
                logger.warning("connections that are due could not be looked for, will try again", metadata: ["error": "\(error)"])
                pause += backoff.failed(environment)
            }
            await tell()
            do { try await clock.sleep(for: pause) } catch { return }
        }
    }

    private func fly(_ id: JobID) async {
        let result: Result<AccessToken, any Error>
        do {
            result = .success(try await refresh(id))
        } catch {
            result = .failure(error)
            report(error, id)
        }
        flights.land(id, result)
        await tell()
    }

    private func refresh(_ id: JobID) async throws -> AccessToken {
        guard let wish = flights.wish(id) else { throw ConnectionError.notRunning }
        let patience: Duration = wish.waits ? max(.zero, wish.deadline - environment.clock.uptime()) : .zero
        return try await leases.withLease(OAuthConnection.stream(id), for: options.leaseDuration, waiting: patience) { lease in
            try await RefreshFlight(connections: self, id: id, lease: lease).run()
        }
    }

    private func report(_ error: any Error, _ id: JobID) {
        let metadata: Logger.Metadata = ["connection": "\(id)", "error": "\(error)"]
        switch error {
        case LeaseError.busy: logger.debug("another process refreshes a connection", metadata: metadata)
        case ConnectionError.fenced: logger.warning("a late write to a connection was refused", metadata: metadata)
        default: logger.warning("a connection could not be refreshed", metadata: metadata)
        }
    }
}
