import Logging
import Records

extension JSONWriter {
    mutating func logRecord(_ record: LogRecord) {
        beginObject()
        member("seq", record.sequence)
        member("at", record.at)
        member("level", record.level.rawValue)
        member("label", record.category)
        member("node", record.node)
        member("message", record.message)
        dictionary("metadata", record.metadata)
        endObject()
    }
}
