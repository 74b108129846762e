@testable import MartletHTTP
import NIOCore
import NIOEmbedded
import NIOWebSocket

extension FuzzSubject {
    /// Frames that come in pieces are the same frames, as far as the first one that ends the connection.
    static func webSocket(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let whole = events(rest, pieces: max(1, rest.count))
        let pieces = events(rest, pieces: Int(first) % 7 + 1)
        precondition(whole == pieces, "the pieces change the messages")
        for case .message(let text) in whole { _ = try? LiveCommand(text) }
    }

    private static func events(_ bytes: [UInt8], pieces: Int) -> [MessageReader.Event] {
        let channel = EmbeddedChannel(handler: ByteToMessageHandler(WebSocketFrameDecoder(maxFrameSize: MessageReader.bytesMax)))
        defer { _ = try? channel.finish() }
        var reader = MessageReader()
        var events: [MessageReader.Event] = []
        var start = 0
        while start < bytes.count {
            let end = min(bytes.count, start + pieces)
            var fault: MessageReader.Violation?
            do {
                _ = try channel.writeInbound(ByteBuffer(bytes: bytes[start..<end]))
            } catch {
                fault = MessageReader.Violation(error)
            }
            // What came whole before a fault counts.
            while let frame = try? channel.readInbound(as: WebSocketFrame.self) {
                guard let event = reader.read(frame) else { continue }
                events.append(event)
                switch event {
                case .close, .violation: return events
                case .message, .ping, .pong: break
                }
            }
            if let fault { return events + [.violation(fault)] }
            start = end
        }
        return events
    }
}
