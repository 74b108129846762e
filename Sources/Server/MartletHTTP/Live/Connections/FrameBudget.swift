import MartletCore

/// How many frames a client may send: 50 a second, 600 at once, which is a page that subscribes to all it may.
struct FrameBudget {
    static let rate = Rate(count: 3000, per: .seconds(60), burst: 600)

    private var cells = CellRate()

    /// - Returns: whether there was room for one more.
    mutating func take(at now: Duration) -> Bool {
        let now = Timestamp(microseconds: now.microseconds)
        guard cells.available(Self.rate, at: now) > 0 else { return false }
        cells.take(1, Self.rate, at: now)
        return true
    }
}
