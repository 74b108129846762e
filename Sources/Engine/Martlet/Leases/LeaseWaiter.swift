/// One caller's way to a named lease.
///
/// It first takes the lease `NAME#next`, which one waiter at a time has, and only then the lease itself: so nobody who comes later, nor the last
/// holder coming back, can slip in before whoever waits already. Those who wait for `NAME#next` are kept from starving by `LeasePace`.
struct LeaseWaiter: Sendable {
    let store: any Store
    let environment: Environment
    let releases: LeaseReleases
    let name: String
    let owner: String
    let ttl: Duration

    private var door: String { "\(name)#next" }

    /// - Parameter limit: how long to wait; `nil` is for as long as it takes.
    /// - Throws: `LeaseError.busy`, `StoreError`, `CancellationError`.
    func acquire(within limit: Duration?) async throws -> HeldLease {
        let began = environment.clock.uptime()
        let turn = try await poll(door, since: began, limit, keeping: nil)
        do {
            let lease = try await poll(name, since: began, limit, keeping: turn)
            await releases.give(back: turn)
            return lease
        } catch {
            await releases.give(back: turn)
            throw error
        }
    }

    private func poll(_ wanted: String, since began: Duration, _ limit: Duration?, keeping turn: HeldLease?) async throws -> HeldLease {
        let clock = environment.clock
        var turnExtended = clock.uptime()
        while true {
            try Task.checkCancellation()
            switch try await store.acquire(wanted, owner: owner, for: ttl) {
            case .granted(let epoch): return HeldLease(name: wanted, epoch: epoch, owner: owner)
            case .held(let holder, let expiresIn):
                let waited = clock.uptime() - began
                if let limit, waited >= limit { throw LeaseError.busy(name: name, heldBy: holder) }
                var pause = LeasePace().pause(waited: waited, expiresIn: expiresIn, environment)
                if let limit { pause = min(pause, limit - waited) }
                try await clock.sleep(for: pause)
            }
            if let turn, clock.uptime() - turnExtended > ttl / 3 {
                // A turn that was lost to a pause is no harm: two waiters then ask for the lease, and one gets it.
                _ = try await store.acquire(turn.name, owner: owner, for: ttl)
                turnExtended = clock.uptime()
            }
        }
    }
}
