import MartletCore

/// What a reader that has been too slow is spared: progress that a later progress has put out of date. Everything else it gets, and with it how many
/// events were left out before it, so that it can still see that nothing is missing.
enum Conflation {
    struct Kept: Equatable {
        let event: Event
        /// How many events directly before this one were left out.
        let skipped: Int
    }

    static let type = "progress"

    static func keep(_ events: some BidirectionalCollection<Event>) -> [Kept] {
        let newest = events.last { $0.type == type }?.sequence
        var (kept, skipped): ([Kept], Int) = ([], 0)
        for event in events {
            if event.type == type, event.sequence != newest {
                skipped += 1
            } else {
                kept.append(Kept(event: event, skipped: skipped))
                skipped = 0
            }
        }
        return kept
    }
}
