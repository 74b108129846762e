/// What a reply may be at most. A server that says more is not believed: its connection is closed.
struct RESPLimits: Sendable, Hashable {
    /// Bytes of one line: a number, a length, a simple string, an error.
    var line = 65_536
    /// Bytes of one string. Redis itself allows 512 MiB.
    var string = 268_435_456
    /// Bytes of one whole reply.
    var reply = 536_870_912
    /// Values of one whole reply, those inside others included.
    var values = 4_194_304
    /// Aggregates inside each other.
    var depth = 32
}
