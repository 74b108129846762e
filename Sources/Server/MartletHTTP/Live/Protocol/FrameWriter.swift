import MartletCore
import NIOCore

/// Frames from the server: whole, unmasked, without extensions (RFC 6455, section 5.2). Frames that go to many are written here, once, and not by an
/// encoder in each connection.
enum FrameWriter {
    /// - Parameter skipped: how many events directly before this one were left out.
    static func write(_ event: Event, skipped: Int = 0, to bytes: inout [UInt8]) {
        var writer = JSONWriter(capacity: event.data.utf8.count + event.stream.utf8.count + 160)
        writer.event(event, skipped: skipped)
        head(0x81, length: writer.bytes.count, to: &bytes)
        bytes.append(contentsOf: writer.bytes)
    }

    /// A text frame whose text is JSON.
    static func text(_ write: (inout JSONWriter) -> Void) -> ByteBuffer {
        var writer = JSONWriter(capacity: 160)
        write(&writer)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(writer.bytes.count + 10)
        head(0x81, length: writer.bytes.count, to: &bytes)
        bytes.append(contentsOf: writer.bytes)
        return ByteBuffer(bytes: bytes)
    }

    static let ping = ByteBuffer(bytes: [0x89, 0])

    /// - Parameter data: what the ping held, at most 125 bytes.
    static func pong(_ data: [UInt8]) -> ByteBuffer {
        ByteBuffer(bytes: [0x8A, UInt8(data.count)] + data)
    }

    /// - Parameter code: `nil` answers a close frame that had none.
    static func close(_ code: UInt16?, _ reason: StaticString = "") -> ByteBuffer {
        guard let code else { return ByteBuffer(bytes: [0x88, 0]) }
        let reason = reason.description.utf8.prefix(123)
        return ByteBuffer(bytes: [0x88, UInt8(2 + reason.count), UInt8(code >> 8), UInt8(code & 0xFF)] + reason)
    }

    private static func head(_ first: UInt8, length: Int, to bytes: inout [UInt8]) {
        bytes.append(first)
        switch length {
        case ..<126: bytes.append(UInt8(length))
        case ..<65_536:
            bytes.append(126)
            bytes.append(UInt8(length >> 8))
            bytes.append(UInt8(length & 0xFF))
        default:
            bytes.append(127)
            for shift in stride(from: 56, through: 0, by: -8) { bytes.append(UInt8(truncatingIfNeeded: length >> shift)) }
        }
    }
}
