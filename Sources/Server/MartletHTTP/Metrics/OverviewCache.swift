import MartletCore
import Synchronization

/// The store's overview, at most a second old, so that scrapers cost one read a second however many they are.
final class OverviewCache: Sendable {
    private struct Reading {
        let overview: Overview
        let at: Duration
    }

    private static let lifetime: Duration = .seconds(1)
    private let store: any Store
    private let clock: any EngineClock
    private let reading = Mutex<Reading?>(nil)

    init(store: any Store, clock: any EngineClock) {
        self.store = store
        self.clock = clock
    }

    func value() async throws(StoreError) -> Overview {
        let now = clock.uptime()
        if let known = reading.withLock({ $0 }), now - known.at < Self.lifetime { return known.overview }
        let overview = try await store.overview()
        reading.withLock { $0 = Reading(overview: overview, at: now) }
        return overview
    }
}
