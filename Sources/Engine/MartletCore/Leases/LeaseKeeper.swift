/// Runs work under a named lease. The engine is one; a service below it takes any.
public protocol LeaseKeeper: Sendable {
    /// Runs `body` while holding the named lease, which is extended meanwhile and given back afterwards.
    /// - Parameters:
    ///   - ttl: after how long the lease ends if this process dies.
    ///   - limit: how long to wait for it; `nil` is for as long as it takes.
    /// - Throws: `LeaseError`; `StoreError`; what `body` throws.
    func withLease<Value: Sendable>(
        _ name: String, for ttl: Duration, waiting limit: Duration?, _ body: @escaping @Sendable (HeldLease) async throws -> Value
    ) async throws -> Value
}
