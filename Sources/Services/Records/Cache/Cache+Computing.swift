import Crypto
import Database
import Logging
import MartletCore
import Synchronization

extension Cache {
    /// Rounds of a computation whose lease is lost again and again.
    private static let roundsMax = 3
    /// Names of leases a cache uses. A store keeps the epoch of each name for ever, so there is not one for each key; two keys that share one
    /// are computed one after the other, which with sixty computations under way befalls one in seventy.
    private static let leaseNames: UInt64 = 4096

    /// Brings one flight to its end.
    func fly(_ number: Int) async {
        do {
            guard let landing = try await landing(of: number) else { return }
            let waiters = state.withLock { $0.land(number, landing, at: environment.clock.uptime()) }
            for waiter in waiters { waiter.resume(returning: landing.value) }
        } catch {
            let isStopping = Task.isCancelled
            if isStopping {
                for waiter in state.withLock({ $0.fail(number, at: environment.clock.uptime()).waiters }) {
                    waiter.resume(throwing: CacheError.stopped(cache: name))
                }
                return
            }
            metrics.failed()
            let (waiters, stale) = state.withLock { $0.fail(number, at: environment.clock.uptime()) }
            if let stale {
                logger.warning("a computation failed, the last value is served in its place", metadata: facts(error))
                for waiter in waiters { waiter.resume(returning: stale.value) }
            } else {
                for waiter in waiters { waiter.resume(throwing: error) }
            }
        }
    }

    /// - Returns: `nil` where the flight has ended without a value: another process renews it.
    private func landing(of number: Int) async throws -> Landing? {
        for round in 1... {
            guard let flight = state.withLock({ $0.flights[number] }) else { return nil }
            if let landing = try await found(for: flight, number) { return landing }
            guard let leases else { return try await computed(flight, number) }
            do {
                if flight.renews != nil {
                    return try await leases.withLease(leaseName(flight.key), for: span(flight), waiting: .zero) { lease in
                        try await self.computed(flight, number, under: lease)
                    }
                }
                return try await race(flight, number, leases)
            } catch LeaseError.busy where flight.renews != nil {
                if state.withLock({ $0.giveWay(number, at: environment.clock.uptime()) }) { return nil }
            } catch LeaseError.lost where round < Self.roundsMax {
                // Somebody else computes it by now: look again.
            }
        }
        return nil
    }

    /// A value that need not be computed.
    private func found(for flight: Flight, _ number: Int) async throws -> Landing? {
        if !state.withLock({ $0.isHearing(at: environment.clock.uptime()) }) {
            do {
                try await hear()
            } catch let failure where !Task.isCancelled && leases == nil {
                // Nothing of this flight will be served from memory, but its callers get what is computed for them.
                logger.debug("invalidations cannot be read", metadata: facts(failure))
            }
        }
        let now = environment.clock.uptime()
        let known = state.withLock { state in
            state.beginReading(number)
            return state.known(to: flight, at: now)
        }
        if let known { return Landing(value: known.value, cost: known.cost, freshFor: known.freshUntil - now, isKept: true) }
        guard leases != nil, let stored = try await shared.read(flight.key) else { return nil }
        if stored.left > least(flight) { return landing(stored) }
        let entry = CacheEntry(value: stored.value, cost: stored.cost, freshUntil: now, staleUntil: now + stored.left + flight.policy.staleFor)
        state.withLock { $0.keepStale(flight.key, entry, for: number) }
        return nil
    }

    /// How long a value must be good for, to be taken in place of a computation.
    private func least(_ flight: Flight) -> Duration {
        flight.renews.map { $0 - environment.clock.uptime() + .milliseconds(1) } ?? .zero
    }

    private func landing(_ stored: SharedValues.Stored) -> Landing {
        Landing(value: stored.value, cost: stored.cost, freshFor: stored.left, isKept: true, isShared: true)
    }

    private func span(_ flight: Flight) -> Duration {
        LeaseSpan.of(cost: state.withLock { $0.memory.peek(flight.key)?.cost }, timeout: flight.policy.timeout)
    }

    private func leaseName(_ key: String) -> String {
        let digest = SHA256.hash(data: Array(key.utf8)).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        return "cache/\(name)/\(digest % Self.leaseNames)"
    }

    /// Waits for the lease or for the value that its holder writes, whichever comes first.
    private func race(_ flight: Flight, _ number: Int, _ leases: any LeaseKeeper) async throws -> Landing {
        let beginning = Beginning()
        let (name, span) = (leaseName(flight.key), span(flight))
        // The holder's time, and that of one more that dies.
        let patience = flight.policy.timeout * 2 + .seconds(60)
        return try await withThrowingTaskGroup(of: Landing?.self) { group in
            group.addTask {
                try await leases.withLease(name, for: span, waiting: patience) { lease in
                    beginning.mark()
                    return try await self.computed(flight, number, under: lease)
                }
            }
            group.addTask { try await self.watch(flight, until: beginning) }
            while let landing = try await group.next() {
                guard let landing else { continue }
                group.cancelAll()
                return landing
            }
            throw CacheError.stopped(cache: self.name)
        }
    }

    /// Looks for a value that somebody else writes.
    /// - Returns: `nil` once this process computes it itself.
    private func watch(_ flight: Flight, until beginning: Beginning) async throws -> Landing? {
        var pause = Duration.milliseconds(20)
        while !beginning.isMarked {
            try await environment.clock.sleep(for: pause + environment.duration(upTo: pause / 4))
            if beginning.isMarked { break }
            do {
                if let stored = try await shared.read(flight.key), stored.left > .zero { return landing(stored) }
            } catch let failure as DatabaseFailure where failure.kind == .unavailable {
                // The holder may still be at work: whether the database is back shows at the next look.
                logger.debug("the shared values cannot be read", metadata: facts(failure))
            }
            pause = min(pause * 2, .milliseconds(200))
        }
        return nil
    }

    private func computed(_ flight: Flight, _ number: Int, under lease: HeldLease) async throws -> Landing {
        switch try await shared.begin(flight.key, epoch: lease.epoch, unlessGoodFor: max(.zero, least(flight))) {
        case .filled(let stored): return landing(stored)
        case .refused: throw LeaseError.lost(lease)
        case .begun(let generation):
            var landing = try await computed(flight, number)
            guard (landing.value?.count ?? 0) <= limits.valueBytes else {
                landing.isKept = false
                return landing
            }
            landing.isKept = try await shared.fill(
                flight.key, landing, staleFor: flight.policy.staleFor, epoch: lease.epoch, generation: generation)
            guard !landing.isKept else { return landing }
            state.withLock { $0.refusedWrite() }
            logger.notice("a value came too late and was not kept", metadata: ["cache": "\(name)", "epoch": "\(lease.epoch)"])
            if let stored = try await shared.read(flight.key), stored.left > .zero { return self.landing(stored) }
            return landing
        }
    }

    private func computed(_ flight: Flight, _ number: Int) async throws -> Landing {
        state.withLock { $0.beginComputing(number) }
        metrics.computes()
        let clock = environment.clock
        let began = clock.uptime()
        let limit = flight.policy.timeout
        let value = try await withThrowingTaskGroup(of: [UInt8]?.self) { group in
            group.addTask { try await flight.compute() }
            group.addTask {
                try await clock.sleep(for: limit)
                throw CacheError.timeout(cache: self.name, limit: limit)
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
        return Landing(value: value, cost: clock.uptime() - began, freshFor: flight.policy.ttl(of: value), isKept: true)
    }
}
