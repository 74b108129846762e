import MartletCore
import MartletTesting
import Synchronization
import Testing

@testable import Vault

@Suite struct SweepTests {
    /// Leases of which another process has the sweep's, until it ends.
    private final class OtherSweeper: LeaseKeeper {
        private let base: EpochLeases
        private let isThere = Mutex(true)

        init(_ base: EpochLeases) {
            self.base = base
        }

        func end() { isThere.withLock { $0 = false } }

        func withLease<Value: Sendable>(
            _ name: String, for ttl: Duration, waiting limit: Duration?, _ body: @escaping @Sendable (HeldLease) async throws -> Value
        ) async throws -> Value {
            if name == Connections.sweepLease, isThere.withLock({ $0 }) { throw LeaseError.busy(name: name, heldBy: "another process") }
            return try await base.withLease(name, for: ttl, waiting: limit, body)
        }
    }

    @Test func `one process looks for what is due, and another takes over where it ends`() async throws {
        try await ConnectionScene.with { scene in
            let id = try await scene.connected(lifetime: 3600).id
            let leases = OtherSweeper(scene.leases)
            let second = Connections(
                vault: scene.base.vault, leases: leases, store: scene.store, exchange: scene.exchange, logger: scene.logs.logger)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { await second.run() }
                // The scene's own sweeper sleeps for long, this one until it asks for the lease again.
                try await scene.clock.waitForSleepers(2)
                scene.clock.advance(by: .seconds(3300))
                try await scene.clock.waitForSleepers(2)
                #expect(scene.exchange.received.count == 1)
                leases.end()
                scene.exchange.script(.tokens("access-2", refresh: "refresh-2", lifetime: 3600))
                scene.clock.advance(by: .seconds(60))
                await scene.exchange.wait(for: 2)
                second.stop()
                try await group.waitForAll()
            }
            #expect(try await scene.connections.connection(id).version == 2)
        }
    }
}
