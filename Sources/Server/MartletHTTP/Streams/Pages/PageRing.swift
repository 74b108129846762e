/// The newest pages of one stream, one behind the other without a gap, for readers at its end or close to it. Bounded: the oldest leave first.
struct PageRing {
    static let bytesMax = 256 << 10

    private var pages: [StreamPage] = []
    private(set) var bytes = 0

    /// The last sequence number that is known to exist; 0 while nothing is.
    var last: Int { pages.last?.last ?? 0 }

    /// What follows `position`, as far as one page has it; `nil` where the ring does not know.
    func slice(after position: Int) -> PageSlice? {
        guard let first = pages.first, position + 1 >= first.first, position < last else { return nil }
        // The wanted page is near the end as a rule.
        guard let page = pages.last(where: { $0.first <= position + 1 }) else { return nil }
        return PageSlice(page, after: position)
    }

    /// Keeps a page that was read. One that adds nothing is not kept; one that does not join on takes the place of all if it is newer.
    mutating func add(_ page: StreamPage) {
        guard page.last > last else { return }
        if page.first > last + 1 { (pages, bytes) = ([], 0) }
        // One that overlaps was read from an older place, at the same time as another: only what is new of it counts.
        let fresh = page.first <= last && last > 0 ? StreamPage(Array(page.events.suffix(page.last - last))) : page
        pages.append(fresh)
        bytes += fresh.size
        while bytes > Self.bytesMax, pages.count > 1 { bytes -= pages.removeFirst().size }
    }
}
