/// What a connection wants to know about a stream.
struct LiveQuestion: Sendable {
    enum Kind: Sendable {
        /// Whether this reader may have it.
        case check(Principal)
        case read(after: Int, isLagging: Bool)
    }

    let kind: Kind
    let stream: String
    let ticket: Int
    /// Where the answer goes.
    let loop: Int
    let connection: Int
}
