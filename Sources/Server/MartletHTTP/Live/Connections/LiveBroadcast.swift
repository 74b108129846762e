import NIOCore

/// A page on its way to the readers at the tail of its stream: what all of them share is found once, not once for each.
struct LiveBroadcast {
    let stream: String
    let first: Int
    let last: Int
    private let encoded: EncodedEvents
    private let whole: ByteBuffer

    init(_ page: StreamPage) {
        (stream, first, last) = (page.stream, page.first, page.last)
        encoded = page.encoded(as: .frame)
        whole = encoded.slice(from: 0)
    }

    /// - Parameter position: what the reader has, below `last`.
    func frames(after position: Int) -> ByteBuffer {
        position < first ? whole : encoded.slice(from: position + 1 - first)
    }
}
