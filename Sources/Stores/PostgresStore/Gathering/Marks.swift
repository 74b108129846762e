import MartletCore
import Synchronization

/// Up to which due time this process has seen the lanes' ready jobs taken, and up to which the alarms heeded. A claim that begins its search
/// there passes over the entries of jobs long gone, which stay in PostgreSQL's index for as long as anybody has an old transaction open.
///
/// The marks lag a quarter of a second behind, because a job's due time is older than its commit. Whoever makes a job ready that is due
/// earlier lowers the marks of every process by its hint; what no hint has told of, the chores find behind the marks.
final class Marks: Sendable {
    struct Place: Sendable, Hashable {
        var lane: Int
        var rankClass: Int
    }

    /// What a claim goes by.
    struct Flight: Sendable {
        fileprivate let id: Int
        let dues: [(Place, Timestamp)]
        let alarms: Timestamp?
        let expiries: Timestamp?
    }

    private struct State {
        var dues: [Place: Timestamp] = [:]
        /// `nil` where nothing has been seen.
        var alarms: Timestamp?
        /// From where on single leases end. Only hints depend on it.
        var expiries: Timestamp?
        var lastFlight = 0
        /// The claims under way, and how far the marks have been lowered meanwhile: what such a claim has seen may be older than that.
        var flights: [Int: Timestamp] = [:]
    }

    private let state = Mutex(State())

    var dues: [Place: Timestamp] { state.withLock { $0.dues } }
    var alarms: Timestamp? { state.withLock { $0.alarms } }

    func begin() -> Flight {
        state.withLock { state in
            state.lastFlight += 1
            state.flights[state.lastFlight] = .distantFuture
            return Flight(id: state.lastFlight, dues: state.dues.map { ($0.key, $0.value) }, alarms: state.alarms, expiries: state.expiries)
        }
    }

    /// - Parameter answer: what the claim has seen; `nil` where it failed.
    func end(_ flight: Flight, _ answer: ClaimAnswer?) {
        state.withLock { state in
            let lowered = state.flights.removeValue(forKey: flight.id) ?? .distantFuture
            guard let answer else { return }
            for (place, due) in answer.dues { state.dues[place] = min(due, lowered) }
            if let alarms = answer.alarms { state.alarms = min(alarms, lowered) }
            state.expiries = answer.expiries ?? state.expiries
        }
    }

    /// Something may have become ready that is due then.
    func lower(to due: Timestamp) {
        state.withLock { state in
            for (flight, lowered) in state.flights where lowered > due { state.flights[flight] = due }
            for (place, mark) in state.dues where mark > due { state.dues[place] = due }
            if let alarms = state.alarms { state.alarms = min(alarms, due) }
        }
    }

    /// Something has come in behind the marks of these places, lane 0 being the alarms.
    func clear(_ places: [Place]) {
        state.withLock { state in
            for place in places {
                state.dues[place] = nil
                if place.lane == 0 { state.alarms = nil }
            }
        }
    }
}
