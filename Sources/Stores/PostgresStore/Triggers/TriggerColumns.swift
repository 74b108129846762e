import Database
import MartletCore

/// Reads a trigger.
struct TriggerColumns {
    /// The columns to ask for, in the order they are read in.
    static let names: SQL = "t.name, t.revision, t.next_slot, t.last_slot, t.created, t.definition"

    private let row: PostgresRow
    private let start: Int

    init(_ row: PostgresRow, from start: Int = 0) {
        self.row = row
        self.start = start
    }

    func state() throws -> TriggerState {
        TriggerState(
            name: try row.text(start), trigger: try TriggerCoding.decode(Payload(trusted: Array(try row.text(start + 5).utf8))),
            revision: try row.int(start + 1), nextSlot: try row.optionalTimestamp(start + 2), lastSlot: try row.optionalTimestamp(start + 3),
            createdAt: try row.timestamp(start + 4))
    }
}
