/// What an event looks like on the wire.
enum StreamEncoding: Hashable {
    /// A text frame of a WebSocket.
    case frame
    /// A frame of server-sent events.
    case serverSentEvent
}
