import Synchronization

/// Hands hints to any number of subscribers. Each has room for one: what comes before it has looked is merged into that one, so a
/// subscriber that never looks costs one hint, and one that looks late misses no name.
public final class WakeupFanout: Sendable {
    /// More names than this in one hint become `isUnspecific`.
    private static let streamsMax = 1000

    private struct Subscribers {
        var next = 0
        var all: [Int: AsyncStream<Wakeup>.Continuation] = [:]
    }

    private let subscribers = Mutex(Subscribers())

    public init() {}

    /// The hints sent from now on. Ends with the iteration's task.
    public func subscribe() -> AsyncStream<Wakeup> {
        let (stream, continuation) = AsyncStream.makeStream(of: Wakeup.self, bufferingPolicy: .bufferingNewest(1))
        let number = subscribers.withLock { subscribers in
            subscribers.next += 1
            subscribers.all[subscribers.next] = continuation
            return subscribers.next
        }
        continuation.onTermination = { [weak self] _ in
            self?.subscribers.withLock { $0.all[number] = nil }
        }
        return stream
    }

    /// Whether anybody listens: names of what changed need not be made for nobody.
    public var hasSubscribers: Bool { subscribers.withLock { !$0.all.isEmpty } }

    public func send(_ wakeup: Wakeup) {
        let continuations = subscribers.withLock { subscribers in
            subscribers.all.sorted { $0.key < $1.key }.map(\.value)
        }
        for continuation in continuations { Self.send(wakeup, to: continuation) }
    }

    /// A hint that found the room taken has pushed out the one before it: the two go in again as one.
    private static func send(_ wakeup: Wakeup, to continuation: AsyncStream<Wakeup>.Continuation) {
        var hint = wakeup
        while case .dropped(let lost) = continuation.yield(hint) {
            let merged = merge(hint, lost)
            if merged == hint { return }
            hint = merged
        }
    }

    private static func merge(_ a: Wakeup, _ b: Wakeup) -> Wakeup {
        var merged = Wakeup(work: a.work || b.work, streams: a.streams.union(b.streams), isUnspecific: a.isUnspecific || b.isUnspecific)
        if merged.streams.count > streamsMax { merged = Wakeup(work: merged.work, isUnspecific: true) }
        return merged
    }
}
