/// Where an event stood in the store that it comes from.
public struct EventHistory: Sendable, Hashable {
    /// 1…2³¹−1.
    public var sequence: Int
    public var at: Timestamp

    public init(sequence: Int, at: Timestamp) {
        self.sequence = sequence
        self.at = at
    }
}
