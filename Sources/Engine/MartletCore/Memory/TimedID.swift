/// A job in an order of instants; ties go to the smaller id.
struct TimedID: Sendable, Hashable, Comparable {
    var at: Timestamp
    var id: JobID

    static func < (a: TimedID, b: TimedID) -> Bool { a.at != b.at ? a.at < b.at : a.id < b.id }
}
