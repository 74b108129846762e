/// How many events of a stream are read at once. The store counts events, memory counts bytes: where events are large, fewer are read.
struct PageLimit {
    static let range = 4...256
    /// What a page should take up at most. One event may take up more by itself.
    static let bytesMax = 256 << 10

    private(set) var events = 64

    mutating func learn(events count: Int, bytes: Int) {
        guard count > 0 else { return }
        let fitting = Self.bytesMax * count / max(bytes, 1)
        // Down at once, up by doubling: a mistake upwards costs memory.
        events = min(max(min(fitting, events * 2), Self.range.lowerBound), Self.range.upperBound)
    }
}
