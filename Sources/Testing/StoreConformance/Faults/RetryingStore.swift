import MartletCore

/// A client that makes a call again until it is answered, as everybody must who talks to a store that can be unavailable.
public struct RetryingStore: RelayingStore {
    /// Calls that are not answered by then are not going to be.
    private static let attemptsMax = 5

    public let base: any Store
    private let clock: ManualClock

    public init(_ base: any Store, clock: ManualClock) {
        self.base = base
        self.clock = clock
    }

    public func relay<Answer>(_ call: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer {
        for _ in 1..<Self.attemptsMax {
            do throws(StoreError) {
                return try await call()
            } catch .unavailable {
                clock.advance(by: .milliseconds(10))
            }
        }
        return try await call()
    }
}
