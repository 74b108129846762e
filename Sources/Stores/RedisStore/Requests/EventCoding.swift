import MartletCore

/// An event as `settle.lua` takes it: stream, type, data, matching triggers, and with a lease its job, its epoch and the progress it says.
enum EventCoding {
    static func encode(_ event: NewEvent, _ topics: Topics, draws: inout Int) -> [UInt8] {
        let matches = topics.matches(event)
        draws += matches.count
        var writer = PackWriter(capacity: 64 + event.data.utf8.count)
        for text in [event.stream, event.type] { writer.add(text) }
        writer.add(bytes: event.data.utf8)
        writer.addArray(matches.count)
        for match in matches { writer.add(bytes: match) }
        if let lease = event.lease {
            writer.add(lease.job)
            writer.add(lease.epoch)
            if event.type == "progress", event.stream == StreamName.job(lease.job), let progress = Progress(event.data) {
                writer.add(bytes: SettlementCoding.encode(progress))
            }
        }
        return writer.bytes
    }
}
