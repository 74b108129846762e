import MartletCore

/// Takes the store's leases like everybody else, and then neither extends them nor learns that they have ended: the holder that fencing is for.
struct HeedlessLeases: LeaseKeeper {
    let store: any Store
    let environment: Environment

    func withLease<Value: Sendable>(
        _ name: String, for ttl: Duration, waiting limit: Duration?, _ body: @escaping @Sendable (HeldLease) async throws -> Value
    ) async throws -> Value {
        let owner = "heedless-\(environment.makeJobID())"
        switch try await store.acquire(name, owner: owner, for: ttl) {
        case .granted(let epoch): return try await body(HeldLease(name: name, epoch: epoch, owner: owner))
        case .held(let other, _): throw LeaseError.busy(name: name, heldBy: other)
        }
    }
}
