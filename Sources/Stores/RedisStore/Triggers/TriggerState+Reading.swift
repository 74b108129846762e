import MartletCore
import NIOCore

extension TriggerState {
    /// Names and values of a hash, in turn.
    static func all(_ hash: RESPValue) throws(StoreError) -> [TriggerState] {
        guard let fields = hash.elements else { throw .unreadable }
        var states: [TriggerState] = []
        for index in stride(from: 0, to: fields.count - 1, by: 2) {
            guard let name = fields[index].string, let stored = fields[index + 1].buffer else { throw .unreadable }
            states.append(try TriggerState(name, stored))
        }
        return states
    }

    /// Reads what `operate.lua` keeps of a trigger: revision, next slot, last slot, made at, paused, overlap, topic, and the rest as JSON.
    init(_ name: String, _ stored: ByteBuffer) throws(StoreError) {
        var reader = PackReader(stored)
        let (revision, next, last) = (try reader.int(), try reader.optionalTime(), try reader.optionalTime())
        let created = try reader.time()
        _ = try reader.bool()
        _ = try reader.optionalBytes()
        _ = try reader.optionalBytes()
        let trigger = try TriggerCoding.decode(Payload(trusted: Array(buffer: try reader.bytes())))
        self.init(name: name, trigger: trigger, revision: revision, nextSlot: next, lastSlot: last, createdAt: created)
    }
}
