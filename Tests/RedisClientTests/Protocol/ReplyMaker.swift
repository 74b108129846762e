import MartletCore
import NIOCore

@testable import RedisStore

/// Random replies, and how a server spells them.
struct ReplyMaker {
    private let random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    func number(below limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    func reply(depth: Int = 0) -> RESPValue {
        switch number(below: depth < 4 ? 9 : 6) {
        case 0: .null
        case 1: .integer(Int(truncatingIfNeeded: random.next()))
        case 2: .double(Double(number(below: 1_000_000)) / 64)
        case 3: .boolean(number(below: 2) == 0)
        case 4: .bytes(ByteBuffer(bytes: (0..<number(below: 300)).map { _ in UInt8(truncatingIfNeeded: random.next()) }))
        case 5: .refusal(RedisRefusal(reply: ["ERR no", "READONLY You can't", "MOVED 7 10.0.0.1:6379", "WRONGTYPE"][number(below: 4)]))
        case 6: .map((0..<2 * number(below: 5)).map { _ in reply(depth: depth + 1) })
        case 7: .push((0..<number(below: 5)).map { _ in reply(depth: depth + 1) })
        default: .array((0..<number(below: 9)).map { _ in reply(depth: depth + 1) })
        }
    }

    /// The bytes of a reply, in one of the ways there are.
    func spell(_ value: RESPValue) -> [UInt8] {
        switch value {
        case .null: [Array("_\r\n".utf8), Array("$-1\r\n".utf8), Array("*-1\r\n".utf8)][number(below: 3)]
        case .integer(let number): Array(":\(number)\r\n".utf8)
        case .double(let number): Array(",\(number)\r\n".utf8)
        case .boolean(let flag): Array((flag ? "#t\r\n" : "#f\r\n").utf8)
        case .bytes(let buffer): string(Array(buffer.readableBytesView))
        case .refusal(let refusal): error(refusal)
        case .map(let values): attribute() + Array("%\(values.count / 2)\r\n".utf8) + values.flatMap(spell)
        case .push(let values): Array(">\(values.count)\r\n".utf8) + values.flatMap(spell)
        case .array(let values): attribute() + Array("\(number(below: 2) == 0 ? "*" : "~")\(values.count)\r\n".utf8) + values.flatMap(spell)
        }
    }

    private func string(_ bytes: [UInt8]) -> [UInt8] {
        let isLine = !bytes.contains(13) && !bytes.contains(10)
        switch number(below: isLine ? 4 : 2) {
        case 0: return Array("$\(bytes.count)\r\n".utf8) + bytes + Array("\r\n".utf8)
        case 1: return Array("=\(bytes.count + 4)\r\ntxt:".utf8) + bytes + Array("\r\n".utf8)
        case 2: return Array("+".utf8) + bytes + Array("\r\n".utf8)
        default: return Array("(".utf8) + bytes + Array("\r\n".utf8)
        }
    }

    private func error(_ refusal: RedisRefusal) -> [UInt8] {
        var line = refusal.code
        if case .moved(let slot, let node) = refusal.kind { line += " \(slot) \(node)" }
        if !refusal.message.isEmpty, refusal.code != "MOVED" { line += " \(refusal.message)" }
        return number(below: 2) == 0 ? Array("-\(line)\r\n".utf8) : Array("!\(line.utf8.count)\r\n\(line)\r\n".utf8)
    }

    /// Now and then what a reader must pass over.
    private func attribute() -> [UInt8] { number(below: 8) == 0 ? Array("|1\r\n+ttl\r\n*2\r\n:1\r\n%0\r\n".utf8) : [] }

    /// Pieces of random sizes that together are `bytes`.
    func pieces(_ bytes: [UInt8]) -> [ByteBuffer] {
        var pieces: [ByteBuffer] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            let size = min(rest.count, 1 + number(below: [1, 3, 40, 1000][number(below: 4)]))
            pieces.append(ByteBuffer(bytes: rest.prefix(size)))
            rest = rest.dropFirst(size)
        }
        return pieces
    }
}
