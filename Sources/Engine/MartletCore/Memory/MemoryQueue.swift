/// What is kept of one queue, besides its jobs.
struct MemoryQueue: Sendable {
    var policy = QueuePolicy()
    var isPaused = false
    var admission = Admission()
    var rate = CellRate()
    /// The fair share's virtual time, and the finish tag of each tenant's last job (see `FairShare`).
    var virtualTime = 0
    var turns: [String: Int] = [:]
}
