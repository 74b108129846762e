import MartletCore

struct LaneEntry: Sendable {
    let id: Int64
    let queue: Int64
    let kind: Int64
    let name: LaneName
    var counts = Counts()
    /// Ready suspects.
    var suspects = 0
    /// The earliest due time of its ready jobs.
    var nextDue: Timestamp?
    var turn = 0

    /// As they are written, the first two also counted in the kind.
    var isActive = false
    var isPending = false
    var writtenDue: Timestamp?
    var writtenTurn = 0

    /// What has been counted here and not yet in the kind.
    var uncounted = Counts()
    /// `nextDue` may be too early: the job it came from is gone.
    var isStale = false

    mutating func count(_ standing: Standing, by sign: Int) {
        counts[standing.phase, standing.outcome] += sign
        uncounted[standing.phase, standing.outcome] += sign
        guard standing.phase == .ready else { return }
        if standing.isSuspect { suspects += sign }
        if sign > 0 {
            nextDue = min(nextDue ?? standing.dueAt, standing.dueAt)
        } else if counts.ready == 0 {
            nextDue = nil
            isStale = false
        } else if let nextDue, standing.dueAt <= nextDue {
            isStale = true
        }
    }
}
