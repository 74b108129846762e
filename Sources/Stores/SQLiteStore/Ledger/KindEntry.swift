import MartletCore

struct KindEntry: Sendable {
    let id: Int64
    let queue: Int64
    let name: String
    var counts: Counts
    /// Lanes with due jobs.
    var active: Int
    /// Lanes with ready jobs.
    var pending: Int
}
