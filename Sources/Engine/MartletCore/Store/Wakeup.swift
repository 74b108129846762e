/// A hint about one commit.
public struct Wakeup: Sendable, Hashable {
    /// Jobs may have become ready.
    public var work: Bool
    /// Streams that grew and jobs that changed (by their stream's name), in this process; empty from other processes.
    public var streams: Set<String>
    /// Something changed that this store cannot name: look at everything you watch.
    public var isUnspecific: Bool

    public init(work: Bool, streams: Set<String> = [], isUnspecific: Bool = false) {
        self.work = work
        self.streams = streams
        self.isUnspecific = isUnspecific
    }
}
