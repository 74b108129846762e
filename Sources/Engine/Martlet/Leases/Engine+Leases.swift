import Logging

extension Engine: LeaseKeeper {
    /// Runs `body` while holding the named lease: in no other process that uses this store does another holder's body run meanwhile, as long as
    /// holders that were paused past their lease have their writes checked by `HeldLease.epoch`.
    ///
    /// The lease is extended in the background for as long as `body` runs, and given back when it is over, failed or cancelled. Waiters are
    /// served about in the order they came; none starves.
    /// - Parameters:
    ///   - name: at most `Limits.nameBytes` less the five of the suffix under which waiters queue.
    ///   - ttl: after how long the lease ends if this process dies; extended every third of it.
    ///   - limit: how long to wait for it; `nil` is for as long as it takes.
    /// - Throws: `LeaseError`; `StoreError`; what `body` throws.
    public func withLease<Value: Sendable>(
        _ name: String, for ttl: Duration = .seconds(10), waiting limit: Duration? = nil,
        _ body: @escaping @Sendable (HeldLease) async throws -> Value
    ) async throws -> Value {
        let waiter = LeaseWaiter(
            store: store, environment: environment, releases: leaseReleases, name: name,
            owner: "\(configuration.node)#\(environment.makeJobID())", ttl: ttl)
        let lease = try await waiter.acquire(within: limit)
        do {
            let value = try await hold(lease, for: ttl, body)
            await leaseReleases.give(back: lease)
            return value
        } catch {
            await leaseReleases.give(back: lease)
            throw error
        }
    }

    private func hold<Value: Sendable>(
        _ lease: HeldLease, for ttl: Duration, _ body: @escaping @Sendable (HeldLease) async throws -> Value
    ) async throws -> Value {
        try await withThrowingTaskGroup(of: Value?.self) { group in
            group.addTask { try await body(lease) }
            group.addTask {
                await self.extend(lease, for: ttl)
                return nil
            }
            // Whoever is first: the body with its value, or the loss of the lease.
            let first = try await group.next()
            group.cancelAll()
            if let value = first ?? nil { return value }
            try Task.checkCancellation()
            throw LeaseError.lost(lease)
        }
    }

    /// Returns when the lease is lost, or the task cancelled.
    private func extend(_ lease: HeldLease, for ttl: Duration) async {
        let clock = environment.clock
        var good = clock.uptime()
        while !Task.isCancelled {
            do {
                try await clock.sleep(for: ttl / 3)
                let asked = clock.uptime()
                let result = try await store.acquire(lease.name, owner: lease.owner, for: ttl)
                guard case .granted(lease.epoch) = result else { return }
                good = asked
            } catch is CancellationError {
                return
            } catch {
                logger.warning("a lease could not be extended, will try again", metadata: ["lease": "\(lease.name)", "error": "\(error)"])
                if clock.uptime() - good >= ttl { return }
            }
        }
    }
}
