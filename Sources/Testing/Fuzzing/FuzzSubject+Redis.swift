import MartletCore
import NIOCore
@testable import RedisStore

extension FuzzSubject {
    /// Replies that come in pieces are the same replies.
    static func resp(_ bytes: [UInt8]) {
        guard let first = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        let whole = replies(rest, pieces: max(1, rest.count))
        let pieces = replies(rest, pieces: Int(first) % 5 + 1)
        precondition(whole == pieces, "the pieces change the replies")
        for reply in whole { _ = SlotMap(reply, from: "localhost") }
    }

    private static func replies(_ bytes: [UInt8], pieces: Int) -> [RESPValue] {
        var parser = RESPParser(RESPLimits(line: 1024, string: 4096, reply: 65_536, values: 4096, depth: 8))
        var replies: [RESPValue] = []
        var start = 0
        do throws(RESPFault) {
            while start < bytes.count {
                let end = min(bytes.count, start + pieces)
                parser.append(ByteBuffer(bytes: bytes[start..<end]))
                while let reply = try parser.next() { replies.append(reply) }
                start = end
            }
        } catch {
            // A fault ends the connection; what came whole before it counts.
        }
        return replies
    }

    static func redisURL(_ bytes: [UInt8]) {
        _ = try? RedisURL(String(decoding: bytes, as: UTF8.self))
    }

    /// The reply to `CLUSTER SLOTS`.
    static func slots(_ bytes: [UInt8]) {
        for reply in replies(bytes, pieces: max(1, bytes.count)) { _ = SlotMap(reply, from: "localhost") }
    }
}
