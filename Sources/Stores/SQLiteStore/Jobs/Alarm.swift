import MartletCore

/// An instant at which a sweep has to look at a job: a row of `alarms`.
struct Alarm: Hashable {
    /// The numbers are part of the file's format: never changed.
    enum Sort: Int {
        /// The end of a lease of its own.
        case lease = 0
        /// It fails unless somebody starts it.
        case queueTimeout = 1
        /// The deadline of its wait.
        case deadline = 2
    }

    var sort: Sort
    var at: Timestamp
}
