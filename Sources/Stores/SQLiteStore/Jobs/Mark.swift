import MartletCore

/// A rare property by which a job is looked for: a row of `marks`. Kept beside `jobs` and not as an index on it, because every index
/// costs every job, and most jobs have none of these.
struct Mark: Hashable {
    /// The numbers are part of the file's format: never changed.
    enum Sort: Int {
        case child = 0
        case ofTrigger = 1
        case keyed = 2
        /// Not finished, and made by a trigger.
        case openOfTrigger = 3
        /// A suspect that runs, by its node.
        case runningSuspect = 4
        /// Asked to stop, by the node whose row it lives by.
        case toStop = 5
    }

    enum Name: Hashable {
        case text(String)
        case job(JobID)
    }

    var sort: Sort
    var name: Name
}
