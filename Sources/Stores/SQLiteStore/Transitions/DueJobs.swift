import Database
import MartletCore

/// The first due jobs of one tenant in some lanes of a queue, in the order they start in; suspects apart, since a node takes one at a time.
struct DueJobs {
    private struct Due {
        var id: JobID
        var rank: Int64
    }

    private static let ofClass = Query(
        """
        SELECT id, due FROM jobs INDEXED BY jobs_ready WHERE phase = 0 AND lane = ? AND class = ? AND due <= ? ORDER BY due, id LIMIT ?
        """)

    let tenant: String
    private let lanes: [LaneEntry]
    private let now: Timestamp
    /// Last first.
    private var innocent: [Due] = []
    private var suspects: [Due] = []
    /// Whether there may be more than has been read.
    private(set) var isCut = false
    private var limit = 0

    init(tenant: String, lanes: [LaneEntry], now: Timestamp) {
        self.tenant = tenant
        self.lanes = lanes
        self.now = now
    }

    /// How many have been read.
    func count(withSuspects: Bool) -> Int { innocent.count + (withSuspects ? suspects.count : 0) }

    /// Reads the first `limit` of each sort.
    mutating func read(_ limit: Int, withSuspects: Bool, _ connection: Connection) throws {
        self.limit = limit
        isCut = false
        innocent = try first(limit, offset: 0, lanes, connection)
        let suspicious = lanes.filter { $0.suspects > 0 }
        suspects = withSuspects && !suspicious.isEmpty ? try first(limit, offset: 4, suspicious, connection) : []
    }

    private mutating func first(_ limit: Int, offset: Int, _ lanes: [LaneEntry], _ connection: Connection) throws -> [Due] {
        var found: [Due] = []
        for lane in lanes {
            for priority in Priority.all {
                let before = found.count
                let statement = try connection.prepare(Self.ofClass).bind(lane.id).bind(priority.level + offset).bind(now).bind(limit)
                found += try statement.map { Due(id: try $0.id(0), rank: priority.rank(dueAt: $0.time(1))) }
                if found.count - before >= limit { isCut = true }
            }
        }
        // One range of one lane is in order already.
        found.sort { ($0.rank, $0.id) < ($1.rank, $1.id) }
        if found.count > limit { isCut = true }
        return found.prefix(limit).reversed()
    }

    /// The one that starts next; `nil` where the node may have none of them.
    mutating func next(withSuspects: Bool, _ connection: Connection) throws -> JobID? {
        // Those taken are no longer ready, so reading again finds what comes after them.
        if innocent.isEmpty, isCut { try read(limit, withSuspects: withSuspects, connection) }
        guard withSuspects, let suspect = suspects.last else { return innocent.popLast()?.id }
        if let first = innocent.last, (first.rank, first.id) < (suspect.rank, suspect.id) { return innocent.popLast()?.id }
        return suspects.popLast()?.id
    }
}
