/// The moments of a stop. They are passed in order, each by its deadline or by somebody's insistence.
enum StopMoment: Int, Sendable, Comparable {
    /// Can become `draining`.
    case running
    /// No claims; running jobs may finish. Can become `cancelled`.
    case draining
    /// Running jobs are cancelled and requeued, their attempt not charged. Can become `abandoned`.
    case cancelled
    /// Jobs that did not return are left to their lease.
    case abandoned

    static func < (a: StopMoment, b: StopMoment) -> Bool { a.rawValue < b.rawValue }
}
