import NIOCore
import NIOWebSocket

/// Puts a client's frames together and refuses what RFC 6455 refuses.
struct MessageReader {
    struct Violation: Equatable {
        let code: CloseCode
        let reason: StaticString

        init(_ code: CloseCode, _ reason: StaticString) {
            self.code = code
            self.reason = reason
        }

        /// What the frame decoder refuses.
        init(_ error: any Error) {
            switch error as? NIOWebSocketError {
            case .invalidFrameLength: self.init(.tooLarge, "a message may have 16 KiB")
            default: self.init(.protocolError, "not a frame of RFC 6455")
            }
        }

        static func == (one: Violation, other: Violation) -> Bool { one.code == other.code }
    }

    enum Event: Equatable {
        case message([UInt8])
        case ping([UInt8])
        case pong
        /// `nil` where the frame said no code.
        case close(UInt16?)
        case violation(Violation)
    }

    /// The longest message, in one frame or in many: 16 KiB. A command is a name and a few words.
    static let bytesMax = 16 << 10

    /// The fragments so far; `nil` between two messages.
    private var fragments: [UInt8]?

    /// - Parameter frame: as it came, masked.
    /// - Returns: `nil` where the message goes on.
    mutating func read(_ frame: WebSocketFrame) -> Event? {
        guard frame.reservedBits.isEmpty else { return .violation(Violation(.protocolError, "reserved bits are set, but no extension is in use")) }
        // Section 5.1: a server must close the connection upon a frame that is not masked.
        guard frame.maskKey != nil else { return .violation(Violation(.protocolError, "a client's frames must be masked")) }
        switch frame.opcode {
        case .text:
            guard fragments == nil else { return .violation(Violation(.protocolError, "a message begins inside another")) }
            return append(frame, to: [])
        case .continuation:
            guard let fragments else { return .violation(Violation(.protocolError, "a continuation without a beginning")) }
            return append(frame, to: fragments)
        case .binary: return .violation(Violation(.unacceptableData, "only text is understood"))
        case .ping: return .ping(Self.bytes(frame))
        case .pong: return .pong
        case .connectionClose: return Self.close(Self.bytes(frame))
        default: return .violation(Violation(.protocolError, "an opcode that nobody knows"))
        }
    }

    private mutating func append(_ frame: WebSocketFrame, to before: [UInt8]) -> Event? {
        let data = Self.bytes(frame)
        guard before.count + data.count <= Self.bytesMax else { return .violation(Violation(.tooLarge, "a message may have 16 KiB")) }
        fragments = nil
        let whole = before.isEmpty ? data : before + data
        guard frame.fin else {
            fragments = whole
            return nil
        }
        guard Self.isUTF8(whole) else { return .violation(Violation(.notUTF8, "the text is not UTF-8")) }
        return .message(whole)
    }

    private static func close(_ bytes: [UInt8]) -> Event {
        if bytes.isEmpty { return .close(nil) }
        guard bytes.count >= 2 else { return .violation(Violation(.protocolError, "a close frame with half a code")) }
        let code = UInt16(bytes[0]) << 8 | UInt16(bytes[1])
        guard CloseCode.maySend(code) else { return .violation(Violation(.protocolError, "a close code that is never sent")) }
        guard isUTF8(bytes.dropFirst(2)) else { return .violation(Violation(.notUTF8, "the reason is not UTF-8")) }
        return .close(code)
    }

    private static func isUTF8(_ bytes: some Sequence<UInt8>) -> Bool { String(validating: bytes, as: UTF8.self) != nil }

    private static func bytes(_ frame: WebSocketFrame) -> [UInt8] { Array(frame.unmaskedData.readableBytesView) }
}
