import NIOCore

/// What the server says besides events.
enum LiveNotice: Equatable {
    /// Events from `after` on follow.
    case subscribed(String, after: Int)
    case unsubscribed(String)
    /// The reader was too slow, and nothing after this sequence number has been sent. The server goes on from there; so may the reader, elsewhere.
    case lagged(String, after: Int)
    /// Retention has removed what is between the two.
    case gap(String, after: Int, first: Int)
    /// - Parameter stream: `nil` where the message named none.
    case error(String?, ProblemType, String)

    var frame: ByteBuffer {
        FrameWriter.text { writer in
            writer.beginObject()
            switch self {
            case .subscribed(let stream, let after):
                Self.write("subscribed", stream, after, to: &writer)
            case .unsubscribed(let stream):
                Self.write("unsubscribed", stream, nil, to: &writer)
            case .lagged(let stream, let after):
                Self.write("lagged", stream, after, to: &writer)
            case .gap(let stream, let after, let first):
                Self.write("gap", stream, after, to: &writer)
                writer.member("first", first)
            case .error(let stream, let type, let detail):
                Self.write("error", stream, nil, to: &writer)
                writer.member("type", type.rawValue)
                writer.member("detail", detail)
            }
            writer.endObject()
        }
    }

    private static func write(_ operation: StaticString, _ stream: String?, _ after: Int?, to writer: inout JSONWriter) {
        writer.member("op", operation.description)
        if let stream { writer.member("stream", stream) }
        if let after { writer.member("after", after) }
    }
}
