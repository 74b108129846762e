import Glibc
import MartletCore
import Synchronization

/// A place where this process kills itself with SIGKILL, for tests of what survives. Nothing is flushed, settled or said: to the rest of the
/// system it is a power cut.
///
/// `MARTLET_CRASH_AT=NAME[:N]` names the place and the N-th time it is passed (1 where it is left out). The places are `before-` and `after-` each
/// operation that changes the store (`enqueue`, `claim`, `renew`, `record`, `settle`, `append`, `fire`), before it is asked and after it
/// has committed, and `during-command`, a moment after a command was started. A claim that found nothing does not count as `after-claim`.
final class CrashPoint: Sendable {
    enum Place: String, Sendable, CaseIterable {
        case beforeEnqueue = "before-enqueue"
        case afterEnqueue = "after-enqueue"
        case beforeClaim = "before-claim"
        case afterClaim = "after-claim"
        case beforeRenew = "before-renew"
        case afterRenew = "after-renew"
        case beforeRecord = "before-record"
        case afterRecord = "after-record"
        case beforeSettle = "before-settle"
        case afterSettle = "after-settle"
        case beforeAppend = "before-append"
        case afterAppend = "after-append"
        case beforeFire = "before-fire"
        case afterFire = "after-fire"
        case duringCommand = "during-command"
    }

    static let variable = "MARTLET_CRASH_AT"

    /// The one that the environment asks for.
    /// - Throws: where the variable is set and names no place: a test whose crash never comes would prove nothing.
    static func fromEnvironment() throws(CommandFailure) -> CrashPoint? {
        guard let text = getenv(variable).map({ String(cString: $0) }), !text.isEmpty else { return nil }
        guard let point = CrashPoint(text) else {
            let places = Place.allCases.map(\.rawValue).joined(separator: ", ")
            throw CommandFailure(.usage, "\(variable) must be NAME or NAME:COUNT, the name one of \(places)")
        }
        return point
    }

    let place: Place
    private let left: Atomic<Int>

    /// `nil` where the text names no place.
    init?(_ text: String) {
        let parts = text.split(separator: ":", maxSplits: 1).map(String.init)
        guard let place = parts.first.flatMap(Place.init(rawValue:)), let count = parts.count == 1 ? 1 : Int(parts[1]), count > 0 else { return nil }
        self.place = place
        left = Atomic(count)
    }

    /// Whether this is the time.
    func comesDown(at place: Place) -> Bool {
        place == self.place && left.subtract(1, ordering: .relaxed).newValue == 0
    }

    func pass(_ place: Place) {
        if comesDown(at: place) { Self.crash() }
    }

    static func crash() {
        kill(getpid(), SIGKILL)
        // The signal may be delivered to another thread first; this one does not go on.
        while true { pause() }
    }
}

extension Store {
    /// This store; wrapped, where there is a point.
    func crashing(at point: CrashPoint?) -> any Store {
        point.map { CrashingStore(self, $0) } ?? self
    }
}
