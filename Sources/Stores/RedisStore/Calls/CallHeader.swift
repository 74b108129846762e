import MartletCore
import NIOCore

/// What a transition says of itself in front of its answers.
struct CallHeader: Sendable {
    /// The store's time of the call.
    let now: Timestamp
    let wakeup: Wakeup?

    /// - Parameter packed: now, whether work may be ready, the ids of the jobs that changed, and the streams that grew.
    init(_ packed: ByteBuffer) throws(StoreError) {
        var reader = PackReader(packed)
        now = try reader.time()
        let work = try reader.bool()
        var streams: Set<String> = []
        if var ids = try reader.optionalBytes() {
            while let slice = ids.readSlice(length: 16), let id = JobID(bytes: slice) { streams.insert(StreamName.job(id)) }
        }
        while !reader.isAtEnd { streams.insert(try reader.string()) }
        wakeup = work || !streams.isEmpty ? Wakeup(work: work, streams: streams) : nil
    }
}
