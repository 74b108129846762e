import MartletCore
import Vault

/// Leases of a process that never looks for what is due, as if another one always did: what it refreshes is what it was asked for.
struct SweeplessLeases: LeaseKeeper {
    let base: any LeaseKeeper
    let clock: any EngineClock

    func withLease<Value: Sendable>(
        _ name: String, for ttl: Duration, waiting limit: Duration?, _ body: @escaping @Sendable (HeldLease) async throws -> Value
    ) async throws -> Value {
        while name == Connections.sweepLease { try await clock.sleep(for: .seconds(3600)) }
        return try await base.withLease(name, for: ttl, waiting: limit, body)
    }
}
