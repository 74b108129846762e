import MartletCore
import Synchronization

/// Up to which due time this process has seen the lanes' ready jobs taken, and up to which the alarms heeded.
/// A claim that begins its search there passes over the entries of
/// jobs long gone, which stay in PostgreSQL's index for as long as anybody has an old transaction open.
///
/// The marks lag a quarter of a second behind, because a job's due time is older than its commit. What comes in later than that, or is due
/// in the past by its own wish, is found by `lookBehind`.
final class Marks: Sendable {
    struct Place: Sendable, Hashable {
        var lane: Int
        var rankClass: Int
    }

    private struct State {
        var dues: [Place: Timestamp] = [:]
        /// `nil` where nothing has been seen.
        var alarms: Timestamp?
        /// From where on single leases end. Only hints depend on it.
        var expiries: Timestamp?
    }

    private let state = Mutex(State())

    var dues: [Place: Timestamp] { state.withLock { $0.dues } }
    var alarms: Timestamp? { state.withLock { $0.alarms } }
    var expiries: Timestamp? { state.withLock { $0.expiries } }

    func learn(_ answer: ClaimAnswer) {
        state.withLock { state in
            for (place, due) in answer.dues { state.dues[place] = due }
            state.alarms = answer.alarms ?? state.alarms
            state.expiries = answer.expiries ?? state.expiries
        }
    }

    func clearAlarms() {
        state.withLock { $0.alarms = nil }
    }

    /// Something may have come in behind the marks.
    func clear() {
        state.withLock { $0 = State() }
    }

    func clear(_ places: [Place]) {
        if places.isEmpty { return }
        state.withLock { state in
            for place in places { state.dues[place] = nil }
        }
    }
}
