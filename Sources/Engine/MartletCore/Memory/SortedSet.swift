/// An ordered set kept as a list of short sorted runs: a change moves one run's elements, not all of them.
struct SortedSet<Element: Comparable & Sendable>: Sendable {
    /// A run is split at this length.
    private static var runMax: Int { 256 }

    /// None of them empty.
    private var runs: [[Element]] = []
    private(set) var count = 0

    init() {}

    /// The position of the first element that is not below `element`.
    func lowerBound(of element: Element) -> Index {
        let run = runs.partition { $0[$0.count - 1] < element }
        guard run < runs.count else { return endIndex }
        return Index(run: run, offset: runs[run].partition { $0 < element })
    }

    func contains(_ element: Element) -> Bool {
        let position = lowerBound(of: element)
        return position != endIndex && self[position] == element
    }

    mutating func insert(_ element: Element) {
        guard !runs.isEmpty else {
            runs.append([element])
            count = 1
            return
        }
        let run = Swift.min(lowerBound(of: element).run, runs.count - 1)
        let offset = runs[run].partition { $0 < element }
        guard offset == runs[run].count || runs[run][offset] != element else { return }
        runs[run].insert(element, at: offset)
        count += 1
        if runs[run].count > Self.runMax {
            let half = Array(runs[run].suffix(Self.runMax / 2))
            runs[run].removeLast(half.count)
            runs.insert(half, at: run + 1)
        }
    }

    mutating func remove(_ element: Element) {
        let position = lowerBound(of: element)
        guard position != endIndex, runs[position.run][position.offset] == element else { return }
        runs[position.run].remove(at: position.offset)
        if runs[position.run].isEmpty { runs.remove(at: position.run) }
        count -= 1
    }
}

extension SortedSet: BidirectionalCollection {
    struct Index: Comparable {
        fileprivate var run: Int
        fileprivate var offset: Int

        static func < (a: Index, b: Index) -> Bool { a.run != b.run ? a.run < b.run : a.offset < b.offset }
    }

    var startIndex: Index { Index(run: 0, offset: 0) }
    var endIndex: Index { Index(run: runs.count, offset: 0) }

    subscript(position: Index) -> Element { runs[position.run][position.offset] }

    func index(after position: Index) -> Index {
        position.offset + 1 < runs[position.run].count
            ? Index(run: position.run, offset: position.offset + 1) : Index(run: position.run + 1, offset: 0)
    }

    func index(before position: Index) -> Index {
        position.offset > 0
            ? Index(run: position.run, offset: position.offset - 1)
            : Index(run: position.run - 1, offset: runs[position.run - 1].count - 1)
    }
}

extension SortedSet: Equatable {
    static func == (a: SortedSet, b: SortedSet) -> Bool { a.count == b.count && a.elementsEqual(b) }
}

extension Array {
    /// How many elements at the front are `below`, in an array that has them all in front.
    fileprivate func partition(below: (Element) -> Bool) -> Int {
        var (low, high) = (0, count)
        while low < high {
            let middle = (low + high) / 2
            if below(self[middle]) { low = middle + 1 } else { high = middle }
        }
        return low
    }
}
