import MartletCore
import Synchronization

/// A store that fails chosen calls with `StoreError.unavailable`, before or after they took effect. Reads fail like writes.
public final class FaultyStore: RelayingStore {
    public enum Moment: String, Sendable, CaseIterable {
        /// Nothing happened, and the caller is told so.
        case before
        /// Everything happened, and the caller is told that nobody knows.
        case after
    }

    public let base: any Store
    private let schedule: @Sendable (Int) -> Moment?
    private let counts = Mutex((calls: 0, faults: 0))

    /// - Parameter schedule: what happens to a call, by its number; the first is 1. `nil` lets it pass.
    public init(_ base: any Store, schedule: @escaping @Sendable (Int) -> Moment?) {
        self.base = base
        self.schedule = schedule
    }

    /// Fails one call.
    public convenience init(_ base: any Store, failing call: Int, _ moment: Moment) {
        self.init(base) { $0 == call ? moment : nil }
    }

    /// Fails about one call in `odds`, at random, before and after alike.
    public convenience init(_ base: any Store, oneIn odds: UInt64, random: any RandomSource) {
        self.init(base) { _ in
            guard random.next() % max(1, odds) == 0 else { return nil }
            return random.next() % 2 == 0 ? .before : .after
        }
    }

    public var calls: Int { counts.withLock(\.calls) }

    public var faults: Int { counts.withLock(\.faults) }

    public func relay<Answer>(_ call: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer {
        let number = counts.withLock { counts in
            counts.calls += 1
            return counts.calls
        }
        let moment = schedule(number)
        if moment != nil { counts.withLock { $0.faults += 1 } }
        if moment == .before { throw .unavailable(reason: "call \(number) was made to fail", mayHaveHappened: false) }
        let answer = try await call()
        if moment == .after { throw .unavailable(reason: "the answer to call \(number) was made to fail", mayHaveHappened: true) }
        return answer
    }
}
