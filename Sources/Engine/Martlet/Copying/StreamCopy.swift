import MartletCore

/// Copies what one stream has and its copy has not.
struct StreamCopy {
    /// A page may hold as many megabytes.
    private static let pageMax = 100

    private let name: String
    private let source: any Store
    private let target: any Store

    struct Result {
        var written = 0
        /// The target has events of its own, which are others.
        var hasDiverged = false
    }

    init(_ name: String, from source: any Store, to target: any Store) {
        self.name = name
        self.source = source
        self.target = target
    }

    /// - Parameter last: the last number that the target has; `nil` to look.
    func run(after known: Int? = nil) async throws(StoreError) -> Result {
        var last: Int
        if let known { last = known } else { last = try await target.read(name, after: 0, limit: 0).last }
        var result = Result()
        while true {
            let page = try await source.read(name, after: last, limit: Self.pageMax)
            if page.last < last { result.hasDiverged = true }
            if page.last <= last { return result }
            var events = page.events
            if events.first.map({ $0.sequence > last + 1 }) ?? true, last > 0 || events.isEmpty {
                // Retention has removed what comes next: marks keep the numbers, which a reader may hold, from being given out again.
                events = removed(last > 0 ? last + 1 : page.last, events.first.map { $0.sequence - 1 } ?? page.last)
            }
            for answer in try await target.append(events.map { NewEvent(adopting: $0) }) {
                guard case .at(let sequence) = answer else {
                    result.hasDiverged = true
                    return result
                }
                last = sequence
                result.written += 1
            }
        }
    }

    private func removed(_ first: Int, _ end: Int) -> [Event] {
        (first...min(end, first + Self.pageMax)).map { Event(stream: name, sequence: $0, at: .epoch, type: "removed", data: .emptyObject) }
    }
}
