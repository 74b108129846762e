import MartletCore
import Synchronization

/// The circuit breakers, one for each destination and origin.
final class Breakers: Sendable {
    private struct Key: Hashable {
        let destination: String
        let origin: String
    }

    private static let countMax = 4096

    private let clock: any EngineClock
    private let breakers = Mutex([Key: CircuitBreaker]())

    init(clock: any EngineClock) {
        self.clock = clock
    }

    /// How long it stays open, without asking for leave.
    func openFor(_ destination: Destination, _ target: Target) -> Duration? {
        let now = clock.uptime()
        return breakers.withLock { breakers in
            guard case .open(let until) = breakers[key(destination, target)]?.state, until > now else { return nil }
            return until - now
        }
    }

    func admit(_ destination: Destination, _ target: Target) -> CircuitBreaker.Answer {
        let now = clock.uptime()
        return breakers.withLock { breakers in
            if breakers.count >= Self.countMax { breakers = breakers.filter { $0.value.state != .closed } }
            if breakers.count >= Self.countMax { breakers.removeAll() }
            return breakers[key(destination, target), default: CircuitBreaker(destination.breaker)].admit(at: now)
        }
    }

    func record(_ permit: CircuitBreaker.Permit, succeeded: Bool, _ destination: Destination, _ target: Target) {
        let now = clock.uptime()
        breakers.withLock { $0[key(destination, target)]?.record(permit, succeeded: succeeded, at: now) }
    }

    private func key(_ destination: Destination, _ target: Target) -> Key { Key(destination: destination.name, origin: target.origin) }
}
