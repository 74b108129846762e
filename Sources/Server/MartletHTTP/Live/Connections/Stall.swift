/// Finds the reader that takes nothing any more. One that is only slow is left alone: as long as its socket takes bytes, it is alive.
struct Stall {
    static let limit: Duration = .seconds(30)

    private var waiting = 0
    private var since: Duration?

    /// - Parameter bytes: how many bytes wait to be sent; nothing is added while the reader has no room.
    /// - Returns: whether the reader has taken nothing for `limit`.
    mutating func look(bytes: Int, hasRoom: Bool, at now: Duration) -> Bool {
        guard !hasRoom else {
            since = nil
            return false
        }
        guard let since, bytes >= waiting else {
            (since, waiting) = (now, bytes)
            return false
        }
        return now - since >= Self.limit
    }
}
