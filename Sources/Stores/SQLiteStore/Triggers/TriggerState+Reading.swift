import Database
import MartletCore

extension TriggerState {
    /// Reads `Transition.triggerColumns`.
    init(_ row: Prepared) throws {
        self.init(
            name: row.text(0), trigger: try TriggerCoding.decode(Payload(trusted: row.bytes(1))), revision: row.int(2),
            nextSlot: row.optionalTime(3), lastSlot: row.optionalTime(4), createdAt: row.time(5))
    }
}
