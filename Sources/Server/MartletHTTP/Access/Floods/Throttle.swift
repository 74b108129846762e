import MartletCore
import Synchronization

/// So many of something in such a time for each name, by the generic cell rate algorithm (`CellRate`): one instant for each name, taken and
/// compared under one lock, so that no two at once pass where one may.
final class Throttle: Sendable {
    private struct State {
        var cells: [String: CellRate] = [:]
        /// Shared by the names for which there is no room.
        var others = CellRate()
        var sweptAt = Timestamp.epoch
    }

    private static let sweepInterval: Duration = .seconds(1)

    private let rate: Rate
    private let namesMax: Int
    private let clock: any EngineClock
    private let state = Mutex(State())

    /// - Parameter namesMax: how many names are told apart; more of them at once share one bucket.
    init(_ rate: Rate, namesMax: Int = 10_000, clock: any EngineClock) {
        (self.rate, self.namesMax, self.clock) = (rate, namesMax, clock)
    }

    /// Takes one.
    /// - Returns: `nil` where it was there; else how long until it is.
    func take(_ name: String) -> Duration? {
        let now = self.now
        return state.withLock { state in
            if state.cells[name] == nil, state.cells.count >= namesMax {
                if now - state.sweptAt >= Self.sweepInterval {
                    // Whoever has been quiet for long enough is like somebody new.
                    state.cells = state.cells.filter { $0.value.available(rate, at: now) < rate.burst }
                    state.sweptAt = now
                }
                if state.cells.count >= namesMax { return Self.take(&state.others, rate, now) }
            }
            return Self.take(&state.cells[name, default: CellRate()], rate, now)
        }
    }

    /// How long until there is one; `nil` where there is now.
    func delay(_ name: String) -> Duration? {
        let now = self.now
        let delay = state.withLock { ($0.cells[name] ?? CellRate()).delay(until: 1, rate, at: now) }
        return delay > .zero ? delay : nil
    }

    /// By a clock that never jumps.
    private var now: Timestamp { Timestamp(microseconds: clock.uptime().microseconds) }

    private static func take(_ cell: inout CellRate, _ rate: Rate, _ now: Timestamp) -> Duration? {
        guard cell.available(rate, at: now) > 0 else { return cell.delay(until: 1, rate, at: now) }
        cell.take(1, rate, at: now)
        return nil
    }
}
