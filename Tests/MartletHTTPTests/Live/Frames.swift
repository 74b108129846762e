import NIOCore
import NIOWebSocket

/// Frames as a client sends them.
enum Frames {
    static let mask: WebSocketMaskingKey = [0x11, 0x22, 0x33, 0x44]

    static func frame(_ opcode: WebSocketOpcode, _ bytes: [UInt8], isFinal: Bool = true, isMasked: Bool = true) -> WebSocketFrame {
        var data = ByteBuffer(bytes: bytes)
        if isMasked { data.webSocketMask(mask) }
        return WebSocketFrame(fin: isFinal, opcode: opcode, maskKey: isMasked ? mask : nil, data: data)
    }

    static func text(_ text: String, isFinal: Bool = true) -> WebSocketFrame { frame(.text, Array(text.utf8), isFinal: isFinal) }

    /// As bytes, with a mask; the first byte as given.
    static func bytes(_ first: UInt8, _ payload: [UInt8], isMasked: Bool = true) -> [UInt8] {
        let mask: [UInt8] = [0x11, 0x22, 0x33, 0x44]
        let bit: UInt8 = isMasked ? 0x80 : 0
        var bytes = [first]
        switch payload.count {
        case ..<126: bytes.append(bit | UInt8(payload.count))
        case ..<65_536: bytes += [bit | 126, UInt8(payload.count >> 8), UInt8(payload.count & 0xFF)]
        default: bytes += [bit | 127, 0, 0, 0, 0] + (0..<4).map { UInt8(truncatingIfNeeded: payload.count >> (24 - 8 * $0)) }
        }
        guard isMasked else { return bytes + payload }
        return bytes + mask + payload.enumerated().map { $1 ^ mask[$0 % 4] }
    }
}
