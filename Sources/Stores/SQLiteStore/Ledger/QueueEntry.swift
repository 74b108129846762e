import MartletCore

struct QueueEntry: Sendable {
    let id: Int64
    let name: String
    var policy = QueuePolicy()
    var isPaused = false
    var admission = Admission()
    var rate = CellRate()
    /// See `FairShare.virtualTime`.
    var virtualTime = 0
    var counts = Counts()
    /// The kinds that have ever been in this queue.
    var kinds: [Int64] = []

    var state: QueueState { QueueState(name: name, policy: policy, isPaused: isPaused, counts: counts) }
}
