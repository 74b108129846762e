/// Which streams are read when, for all who are at their ends. Each is read once at a time, by one reader for all.
///
/// A stream that grows is read at once. One that is silent is looked at all the same, ever more rarely, because wake-ups may be lost: after a second
/// at first, every 5 s at last.
struct FeedPlan {
    /// One reading of a stream.
    struct Turn: Equatable {
        /// Tells a stream from the same one followed anew.
        let ticket: Int
        let after: Int
    }

    static let pauses: (first: Duration, last: Duration) = (.seconds(1), .seconds(5))
    /// A hint that names no stream has all of them read: at most so often, so that hints from elsewhere do not make thousands of reads each.
    static let pauseForEach: Duration = .microseconds(200)

    private struct Feed {
        let ticket: Int
        var position: Int
        var loops: Set<Int>
        /// It waits to be read.
        var isQueued = false
        var isReading = false
        /// It has grown while it was read.
        var isDirty = false
        var hasNews = false
        var pause = FeedPlan.pauses.first
        var nextLook: Duration
    }

    private var feeds: [String: Feed] = [:]
    private var tickets = 0
    private var nextSweep: Duration = .zero
    private var isSweepDue = false

    var count: Int { feeds.count }

    /// - Parameter position: what the reader has; where the stream is not followed yet, it is read from there on.
    /// - Returns: how far the stream has been read, and whether it is to be read now.
    mutating func follow(_ stream: String, from position: Int, loop: Int, at now: Duration) -> (position: Int, isNew: Bool) {
        if let known = feeds[stream] {
            feeds[stream]?.loops.insert(loop)
            return (known.position, false)
        }
        tickets += 1
        feeds[stream] = Feed(ticket: tickets, position: position, loops: [loop], isQueued: true, nextLook: now)
        return (position, true)
    }

    /// - Returns: whether nobody follows the stream any more.
    mutating func leave(_ stream: String, loop: Int) -> Bool {
        guard feeds[stream]?.loops.remove(loop) != nil, feeds[stream]?.loops.isEmpty == true else { return false }
        feeds[stream] = nil
        return true
    }

    /// - Returns: `nil` where somebody reads the stream already, who will read it again, or nobody wants it.
    mutating func begin(_ stream: String) -> Turn? {
        guard var feed = feeds[stream] else { return nil }
        defer { feeds[stream] = feed }
        feed.isQueued = false
        if feed.isReading {
            feed.isDirty = true
            return nil
        }
        (feed.isReading, feed.isDirty, feed.hasNews) = (true, false, false)
        return Turn(ticket: feed.ticket, after: feed.position)
    }

    /// Who follows from now on has what is before `position`; who followed until now must be handed it.
    /// - Returns: the loops to hand it to.
    mutating func advance(_ stream: String, _ turn: Turn, to position: Int) -> [Int] {
        guard let feed = feeds[stream], feed.ticket == turn.ticket, position > feed.position else { return [] }
        feeds[stream]?.position = position
        feeds[stream]?.hasNews = true
        return feed.loops.sorted()
    }

    /// - Parameter isDrained: whether that was all there was; `nil` where the stream could not be read.
    /// - Returns: whether to read it again at once.
    mutating func end(_ stream: String, _ turn: Turn, isDrained: Bool?, at now: Duration) -> Bool {
        guard var feed = feeds[stream], feed.ticket == turn.ticket else { return false }
        defer { feeds[stream] = feed }
        feed.isReading = false
        feed.pause = feed.hasNews ? Self.pauses.first : min(feed.pause + feed.pause, Self.pauses.last)
        feed.nextLook = now + feed.pause
        // Where the store is not there, it is asked again after the pause, and not faster.
        feed.isQueued = isDrained.map { feed.isDirty || !$0 } ?? false
        return feed.isQueued
    }

    /// - Returns: the streams to read now.
    mutating func grow(_ streams: Set<String>, isUnspecific: Bool, at now: Duration) -> [String] {
        if isUnspecific { isSweepDue = true }
        var due = streams.sorted()
        if isSweepDue, now >= nextSweep {
            isSweepDue = false
            nextSweep = now + max(.milliseconds(10), Self.pauseForEach * feeds.count)
            due = feeds.keys.sorted()
        }
        return due.filter { queue($0) }
    }

    /// Those that have been silent for long.
    mutating func look(at now: Duration) -> [String] {
        let due = feeds.filter { $0.value.nextLook <= now && !$0.value.isReading }.keys.sorted()
        return due.filter { queue($0) }
    }

    /// How long until all are read because of a hint that named none; `nil` where there is none.
    func sweepDelay(at now: Duration) -> Duration? { isSweepDue ? max(nextSweep - now, .zero) : nil }

    /// A stream waits once, however often it has grown meanwhile.
    private mutating func queue(_ stream: String) -> Bool {
        guard feeds[stream]?.isQueued == false else { return false }
        feeds[stream]?.isQueued = true
        return true
    }
}
