import MartletCore
import NIOCore

/// The overview, from the hashes that `read.lua` answers.
enum OverviewReading {
    static func decode(_ answer: RESPValue) throws(StoreError) -> Overview {
        guard let parts = answer.elements, parts.count == 7, let now = parts[0].int else { throw .unreadable }
        var counts: [String: Counts] = [:]
        for (name, row) in try fields(parts[2]) { counts[name] = try Self.counts(row) }
        var queues: [QueueState] = []
        for (name, row) in try fields(parts[1]) { queues.append(try queue(name, row, counts[name] ?? Counts())) }
        var kinds: [String: Counts] = [:]
        for (place, row) in try fields(parts[3]) {
            let kind = String(place.drop { $0 != "\0" }.dropFirst())
            kinds[kind] = try (kinds[kind] ?? Counts()) + Self.counts(row)
        }
        return Overview(
            now: Timestamp(microseconds: Int64(now)), queues: queues.sorted { $0.name < $1.name },
            triggers: try TriggerState.all(parts[4]).sorted { $0.name < $1.name }, nodes: try nodes(parts[5], running: parts[6]),
            kinds: kinds.map { KindState(name: $0.key, counts: $0.value) }.sorted { $0.name < $1.name })
    }

    /// Name, row and counts of a queue, as `set` answers them.
    static func queue(_ answer: RESPValue) throws(StoreError) -> QueueState {
        guard let parts = answer.elements, parts.count == 3, let name = parts[0].string, let row = parts[1].buffer else { throw .unreadable }
        return try queue(name, row, try parts[2].buffer.map(counts) ?? Counts())
    }

    /// Paused, what it refuses, virtual time, the rate's instant in two parts, policy.
    private static func queue(_ name: String, _ row: ByteBuffer, _ counts: Counts) throws(StoreError) -> QueueState {
        var reader = PackReader(row)
        let isPaused = try reader.bool()
        for _ in 0..<4 { _ = try reader.double() }
        let policy = try reader.optionalBytes().map(PolicyCoding.decode) ?? QueuePolicy()
        return QueueState(name: name, policy: policy, isPaused: isPaused, counts: counts)
    }

    private static func counts(_ row: ByteBuffer) throws(StoreError) -> Counts {
        var (reader, counts) = (PackReader(row), Counts())
        for mark in Mark.all(phase: nil, outcome: nil) { counts[mark.phase, mark.outcome] = try reader.int() }
        return counts
    }

    private static func nodes(_ ranked: RESPValue, running: RESPValue) throws(StoreError) -> [NodeState] {
        let held = try fields(running)
        var nodes: [NodeState] = []
        for (name, expiry) in try pairs(ranked) {
            guard let expiry = expiry.double, let name = name.string else { throw .unreadable }
            var count = 0
            if let row = held[name] {
                var reader = PackReader(row)
                count = try reader.int()
            }
            nodes.append(NodeState(id: NodeID(name), expiresAt: Timestamp(microseconds: Int64(expiry)), running: count))
        }
        return nodes.sorted { $0.id < $1.id }
    }

    private static func fields(_ hash: RESPValue) throws(StoreError) -> [String: ByteBuffer] {
        var found: [String: ByteBuffer] = [:]
        for (name, value) in try pairs(hash) {
            guard let name = name.string, let value = value.buffer else { throw .unreadable }
            found[name] = value
        }
        return found
    }

    private static func pairs(_ list: RESPValue) throws(StoreError) -> [(RESPValue, RESPValue)] {
        guard let elements = list.elements else { throw .unreadable }
        return stride(from: 0, to: elements.count - 1, by: 2).map { (elements[$0], elements[$0 + 1]) }
    }
}

extension RESPValue {
    /// A number of any sort, also one spelled in a string, as scores are.
    fileprivate var double: Double? {
        switch self {
        case .double(let number): number
        case .integer(let number): Double(number)
        case .bytes(let buffer): Double(String(buffer: buffer))
        default: nil
        }
    }
}
