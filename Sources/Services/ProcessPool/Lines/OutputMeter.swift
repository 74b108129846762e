/// Counts what a command writes against what may be kept of it.
struct OutputMeter {
    enum Answer: Sendable, Hashable {
        case forward
        /// The first that is too much: say so once, instead of it.
        case announce
        case drop
    }

    private var left: Int
    private var isAnnounced = false

    init(bytesMax: Int) {
        left = bytesMax
    }

    /// Once something was too much nothing smaller gets through either: a log with holes would mislead.
    mutating func count(_ bytes: Int) -> Answer {
        guard !isAnnounced else { return .drop }
        left -= bytes
        guard left < 0 else { return .forward }
        isAnnounced = true
        return .announce
    }
}
