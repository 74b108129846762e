import MartletCore
import Synchronization

/// Up to which due time this process has seen the lanes' ready jobs taken. A claim that begins its search there passes over the entries of
/// jobs long gone, which stay in PostgreSQL's index for as long as anybody has an old transaction open.
///
/// The marks lag a quarter of a second behind, because a job's due time is older than its commit. What comes in later than that, or is due
/// in the past by its own wish, is found by `lookBehind`.
final class Marks: Sendable {
    struct Place: Sendable, Hashable {
        var lane: Int
        var rankClass: Int
    }

    private let marks = Mutex<[Place: Timestamp]>([:])

    var all: [Place: Timestamp] { marks.withLock { $0 } }

    func set(_ place: Place, _ due: Timestamp) {
        marks.withLock { $0[place] = due }
    }

    /// Something may have come in behind the marks.
    func clear() {
        marks.withLock { $0 = [:] }
    }

    func clear(_ places: [Place]) {
        if places.isEmpty { return }
        marks.withLock { marks in
            for place in places { marks[place] = nil }
        }
    }
}
