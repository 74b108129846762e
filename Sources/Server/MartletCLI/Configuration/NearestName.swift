/// Which known name somebody may have meant.
enum NearestName {
    /// The closest of `known`, where it is close enough to be a slip of the fingers: a third of its letters, at least one, at most three.
    static func of(_ name: String, among known: some Sequence<String>) -> String? {
        let scored = known.map { (name: $0, distance: distance(Array(name.lowercased()), Array($0.lowercased()))) }
        guard let best = scored.min(by: { ($0.distance, $0.name) < ($1.distance, $1.name) }) else { return nil }
        return best.distance <= min(3, max(1, best.name.count / 3)) ? best.name : nil
    }

    /// Insertions, deletions, replacements and swaps of neighbours (optimal string alignment).
    static func distance(_ a: [Character], _ b: [Character]) -> Int {
        var beforeLast: [Int] = []
        var last = Array(0...b.count)
        for i in a.indices {
            var row = [i + 1]
            for j in b.indices {
                var cost = min(last[j + 1] + 1, row[j] + 1, last[j] + (a[i] == b[j] ? 0 : 1))
                if i > 0, j > 0, a[i] == b[j - 1], a[i - 1] == b[j] { cost = min(cost, beforeLast[j - 1] + 1) }
                row.append(cost)
            }
            (beforeLast, last) = (last, row)
        }
        return last[b.count]
    }
}
