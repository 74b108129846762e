import MartletCore

/// A query as `query.lua` takes it: marks, kind, queue, tenant, key, trigger, parent, labels, limit, the id to stay below.
enum QueryCoding {
    /// `nil` where nothing can match.
    static func encode(_ query: JobQuery) -> [UInt8]? {
        let marks = Mark.all(phase: query.phase, outcome: query.outcome)
        if marks.isEmpty { return nil }
        var writer = PackWriter(capacity: 128)
        if query.phase == nil, query.outcome == nil {
            writer.addNil()
        } else {
            writer.addArray(marks.count)
            for mark in marks { writer.add(mark.rawValue) }
        }
        for name in [query.kind, query.queue, query.tenant, query.key, query.trigger] { writer.add(name) }
        writer.add(bytes: query.parent?.bytes)
        writer.addArray(query.labels.count * 2)
        for (name, value) in query.labels.sorted(by: { $0.key < $1.key }) {
            writer.add(name)
            writer.add(value)
        }
        writer.add(min(max(1, query.limit), Limits.pageMax))
        writer.add(bytes: query.before?.bytes)
        return writer.bytes
    }
}
