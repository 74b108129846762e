import MartletCore

/// Frames of server-sent events (HTML Living Standard, section 9.2).
enum SSE {
    /// How long a browser waits before it connects again.
    static let retry = Array("retry: 1000\n\n".utf8)
    static let keepAlive = Array(": keep-alive\n\n".utf8)

    /// An event of a stream. Its sequence number is its id, so `Last-Event-ID` says where to go on.
    static func write(_ event: Event, to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "id: ".utf8)
        bytes.append(contentsOf: String(event.sequence).utf8)
        bytes.append(contentsOf: "\nevent: ".utf8)
        bytes.append(contentsOf: event.type.utf8)
        var writer = JSONWriter(capacity: event.data.utf8.count + 160)
        writer.event(event)
        write(data: writer.bytes, to: &bytes)
    }

    /// Something the server says by itself, which has no id: a reader that connects again does not go on after it.
    static func write(_ type: StaticString, to bytes: inout [UInt8], _ data: (inout JSONWriter) -> Void) {
        bytes.append(contentsOf: "event: ".utf8)
        bytes.append(contentsOf: type.description.utf8)
        var writer = JSONWriter()
        data(&writer)
        write(data: writer.bytes, to: &bytes)
    }

    /// JSON without white space has no line breaks, so it is one line.
    private static func write(data: [UInt8], to bytes: inout [UInt8]) {
        bytes.append(contentsOf: "\ndata: ".utf8)
        bytes.append(contentsOf: data)
        bytes.append(contentsOf: "\n\n".utf8)
    }
}
