import NIOCore
import NIOWebSocket
import Testing

@testable import MartletHTTP

struct MessageReaderTests {
    private func violation(_ code: CloseCode) -> MessageReader.Event { .violation(.init(code, "")) }

    @Test func `A message in fragments is put together, with control frames between them`() {
        var reader = MessageReader()
        #expect(reader.read(Frames.text("he", isFinal: false)) == nil)
        #expect(reader.read(Frames.frame(.ping, [1])) == .ping([1]))
        #expect(reader.read(Frames.frame(.continuation, Array("ll".utf8), isFinal: false)) == nil)
        #expect(reader.read(Frames.frame(.continuation, Array("o".utf8))) == .message(Array("hello".utf8)))
        #expect(reader.read(Frames.text("next")) == .message(Array("next".utf8)))
    }

    @Test func `A character may be cut by fragments, but the whole must be UTF-8`() {
        var reader = MessageReader()
        let word = Array("ä".utf8)
        #expect(reader.read(Frames.frame(.text, [word[0]], isFinal: false)) == nil)
        #expect(reader.read(Frames.frame(.continuation, [word[1]])) == .message(word))
        #expect(reader.read(Frames.frame(.text, [0xC3])) == violation(.notUTF8))
    }

    @Test func `A message larger than the limit is refused, in one frame or in many`() {
        var reader = MessageReader()
        let half = [UInt8](repeating: 0x61, count: MessageReader.bytesMax / 2)
        #expect(reader.read(Frames.frame(.text, half, isFinal: false)) == nil)
        #expect(reader.read(Frames.frame(.continuation, half, isFinal: false)) == nil)
        #expect(reader.read(Frames.frame(.continuation, [0x61])) == violation(.tooLarge))
        #expect(MessageReader.Violation(NIOWebSocketError.invalidFrameLength).code == .tooLarge)
        #expect(MessageReader.Violation(NIOWebSocketError.multiByteControlFrameLength).code == .protocolError)
    }

    @Test func `What RFC 6455 forbids is refused`() throws {
        var reader = MessageReader()
        #expect(reader.read(Frames.frame(.text, [0x61], isMasked: false)) == violation(.protocolError))
        #expect(reader.read(Frames.frame(.continuation, [0x61])) == violation(.protocolError))
        #expect(reader.read(Frames.frame(.binary, [0x61])) == violation(.unacceptableData))
        #expect(reader.read(Frames.frame(try #require(WebSocketOpcode(encodedWebSocketOpcode: 3)), [])) == violation(.protocolError))
        #expect(reader.read(Frames.frame(try #require(WebSocketOpcode(encodedWebSocketOpcode: 11)), [])) == violation(.protocolError))
        var reserved = Frames.text("x")
        reserved.rsv1 = true
        #expect(reader.read(reserved) == violation(.protocolError))
        #expect(reader.read(Frames.text("a", isFinal: false)) == nil)
        #expect(reader.read(Frames.text("b")) == violation(.protocolError))
    }

    @Test(
        arguments: [
            ([], .close(nil)), ([0x03, 0xE8], .close(1000)), ([0x0F, 0xA0, 0x61], .close(4000)),
            ([0x03], .violation(.init(.protocolError, ""))), ([0x03, 0xE7], .violation(.init(.protocolError, ""))),
            ([0x03, 0xED], .violation(.init(.protocolError, ""))), ([0x03, 0xE8, 0xC3], .violation(.init(.notUTF8, ""))),
        ] as [([UInt8], MessageReader.Event)])
    func `A close frame says a code that may be sent, or nothing`(_ bytes: [UInt8], _ event: MessageReader.Event) {
        var reader = MessageReader()
        #expect(reader.read(Frames.frame(.connectionClose, bytes)) == event)
    }

    @Test func `The server's frames have the length in as many bytes as it needs`() {
        func head(_ count: Int) -> [UInt8] {
            let frame = FrameWriter.text { $0.value(String(repeating: "a", count: count - 2)) }
            return Array(frame.readableBytesView.prefix(frame.readableBytes - count))
        }
        #expect(head(125) == [0x81, 125])
        #expect(head(126) == [0x81, 126, 0, 126])
        #expect(head(65_535) == [0x81, 126, 0xFF, 0xFF])
        #expect(head(65_536) == [0x81, 127, 0, 0, 0, 0, 0, 1, 0, 0])
        #expect(Array(FrameWriter.close(1001, "x").readableBytesView) == [0x88, 3, 0x03, 0xE9, 0x78])
    }
}
