import MartletCore

/// A page of a list in the order of its names. What comes or goes between two pages moves nothing else from one to the other.
struct NamePage<Row> {
    static var parameters: [String] { ["limit", "cursor"] }

    let rows: [Row]
    /// Behind which name the next page begins; `nil` where there is none.
    let next: String?

    init(_ all: [Row], by name: KeyPath<Row, String>, _ query: QueryReader) throws(Problem) {
        let limit = try query.count("limit", cappedAt: Limits.pageMax) ?? Limits.pageDefault
        let cursor = try query.text("cursor")
        let rest = all.filter { row in cursor.map { $0 < row[keyPath: name] } ?? true }.sorted { $0[keyPath: name] < $1[keyPath: name] }
        rows = Array(rest.prefix(limit))
        next = rest.count > limit ? rows.last?[keyPath: name] : nil
    }
}
