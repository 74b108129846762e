import MartletCore
import Testing

/// A client of `/v1/live`, frame by frame.
struct LiveClient: Sendable {
    struct Frame: Sendable, Equatable {
        /// With the bit that ends a message.
        let first: UInt8
        let payload: [UInt8]

        var text: String { String(decoding: payload, as: UTF8.self) }
        /// Of a close frame.
        var code: Int { payload.count < 2 ? 0 : Int(payload[0]) << 8 | Int(payload[1]) }
    }

    static let headers = [
        "Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
    ]

    let connection: Connection

    static func open<Value: Sendable>(
        port: Int, headers: [String: String] = [:], _ body: @escaping @Sendable (LiveClient) async throws -> Value
    ) async throws -> Value {
        try await Connection.open(port: port) { connection in
            try await connection.send("GET", "/v1/live", headers: Self.headers.merging(headers) { $1 })
            let head = try await connection.inbox.read(until: "\r\n\r\n")
            #expect(head.hasPrefix("HTTP/1.1 101 "))
            // The example of RFC 6455, section 1.3.
            #expect(head.lowercased().contains("sec-websocket-accept: s3pplmbitxaq9kygzzhzrbk+xoo="))
            #expect(!head.lowercased().contains("content-length"))
            return try await body(LiveClient(connection: connection))
        }
    }

    func send(_ text: String) async throws { try await connection.send(Frames.bytes(0x81, Array(text.utf8))) }

    func subscribe(_ stream: String, after: Int = 0) async throws {
        try await send(#"{"op":"subscribe","stream":"\#(stream)","after":\#(after)}"#)
    }

    func next() async throws -> Frame {
        let head = try await connection.inbox.read(count: 2)
        #expect(head[1] & 0x80 == 0, "a server's frames are not masked")
        var count = Int(head[1])
        if count == 126 { count = try await connection.inbox.read(count: 2).reduce(0) { $0 << 8 | Int($1) } }
        if count == 127 { count = try await connection.inbox.read(count: 8).reduce(0) { $0 << 8 | Int($1) } }
        return Frame(first: head[0], payload: try await connection.inbox.read(count: count))
    }

    /// The next message. A ping before it is answered.
    func nextJSON() async throws -> JSON {
        while true {
            let frame = try await next()
            guard frame.first == 0x89 else { return try JSON(parsing: frame.payload) }
            try await connection.send(Frames.bytes(0x8A, frame.payload))
        }
    }

    /// The sequence numbers of the next events of a stream.
    func sequences(_ count: Int) async throws -> [Int] {
        var found: [Int] = []
        while found.count < count {
            if let sequence = try await nextJSON()["seq"]?.integerValue { found.append(sequence) }
        }
        return found
    }
}
