import MartletCore
import Synchronization

/// Reads streams for many readers: those who want the same at the same time share one read of the store, and what was just read is kept for those
/// who want it next. A broadcast to thousands of readers is one read and one encoding.
///
/// Kept are the newest pages of the streams read last, at most `bytesMax`.
final class StreamPages: Sendable {
    static let bytesMax = 64 << 20
    static let streamsMax = 8192

    private struct Key: Hashable {
        let stream: String
        let after: Int
    }

    private struct Kept {
        var ring = PageRing()
        var limit = PageLimit()
        var lastUse = 0
    }

    private struct State {
        var kept: [String: Kept] = [:]
        var bytes = 0
        var uses = 0
        var reads = 0

        mutating func known(_ stream: String, after: Int) -> StreamRead? {
            guard let ring = kept[stream]?.ring, let slice = ring.slice(after: after) else { return nil }
            uses += 1
            kept[stream]?.lastUse = uses
            return StreamRead(after: after, slice: slice, gap: nil, end: slice.last == ring.last ? .known : .further)
        }

        mutating func keep(_ page: StreamPage) {
            uses += 1
            // Taken out while it changes, so that its pages are not copied.
            var entry = kept.removeValue(forKey: page.stream) ?? Kept()
            bytes -= entry.ring.bytes
            entry.ring.add(page)
            entry.limit.learn(events: page.events.count, bytes: page.size)
            entry.lastUse = uses
            bytes += entry.ring.bytes
            kept[page.stream] = entry
            if bytes > StreamPages.bytesMax || kept.count > StreamPages.streamsMax { forgetOldest() }
        }

        /// A quarter at once, so that the search for the oldest is rare.
        private mutating func forgetOldest() {
            for (stream, entry) in kept.sorted(by: { $0.value.lastUse < $1.value.lastUse }).prefix(max(1, kept.count / 4)) {
                bytes -= entry.ring.bytes
                kept[stream] = nil
            }
        }
    }

    private let store: any Store
    private let shared = SharedReads<Key, StreamRead>()
    private let state = Mutex(State())

    init(store: any Store) {
        self.store = store
    }

    /// How often the store was read.
    var reads: Int { state.withLock { $0.reads } }
    /// Roughly how much is kept, in bytes.
    var bytes: Int { state.withLock { $0.bytes } }

    /// What follows `after`, as far as it is at hand or one page of the store has it.
    func read(_ stream: String, after: Int) async throws(StoreError) -> StreamRead {
        if let known = state.withLock({ $0.known(stream, after: after) }) { return known }
        return try await shared.read(Key(stream: stream, after: after)) { () async throws(StoreError) -> StreamRead in
            // Somebody else's read may have ended between the look above and this one's turn.
            if let known = state.withLock({ $0.known(stream, after: after) }) { return known }
            let limit = state.withLock { state in
                state.reads += 1
                return state.kept[stream]?.limit.events ?? PageLimit().events
            }
            let page = try await store.read(stream, after: after, limit: limit)
            let events = page.events.isEmpty ? nil : StreamPage(page.events)
            if let events { state.withLock { $0.keep(events) } }
            return StreamRead(
                after: after, slice: events.map { PageSlice($0, after: after) },
                gap: page.first > after + 1 && page.last > after ? page.first : nil, end: page.events.count < limit ? .reached : .further)
        }
    }
}
