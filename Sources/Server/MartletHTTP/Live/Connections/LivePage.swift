import NIOCore

/// A page made ready for one reader.
struct LivePage: Sendable {
    /// Frames, ready to be sent; empty where nothing follows.
    let bytes: ByteBuffer
    /// Where the reader stands with it.
    let position: Int
    /// The first event still kept, where retention has removed some before it.
    let gap: Int?
    /// Whether this was all there was.
    let isDrained: Bool
}
