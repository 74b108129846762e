import Database
import MartletCore

/// The tenants with due jobs of some kinds in one queue, in the order of their turns: one index range for each kind, merged.
/// Reads no more of it than is asked for.
struct LaneMerge {
    struct Tenant {
        var name: String
        var turn: Int
        var lanes: [LaneEntry]
    }

    private struct Range {
        var kind: Int64
        /// What has been read and not yet handed out, last first.
        var ahead: [LaneEntry] = []
        var last: (turn: Int, tenant: String)?
        var isExhausted = false
    }

    private static let first = Query(
        "SELECT \(Transition.laneColumns) FROM lanes INDEXED BY lanes_by_turn WHERE active = 1 AND kind = ? ORDER BY turn, tenant LIMIT ?")
    private static let next = Query(
        """
        SELECT \(Transition.laneColumns) FROM lanes INDEXED BY lanes_by_turn WHERE active = 1 AND kind = ? AND (turn, tenant) > (?, ?)
        ORDER BY turn, tenant LIMIT ?
        """)

    private let transition: Transition
    private let chunk: Int
    private var ranges: [Range]

    init(_ transition: Transition, kinds: [Int64], chunk: Int) {
        self.transition = transition
        self.chunk = chunk
        ranges = kinds.map { Range(kind: $0) }
    }

    mutating func next() throws -> Tenant? {
        var least: (turn: Int, tenant: String)?
        for index in ranges.indices {
            try fill(&ranges[index])
            guard let head = ranges[index].ahead.last else { continue }
            if least.map({ (head.turn, head.name.tenant) < $0 }) ?? true { least = (head.turn, head.name.tenant) }
        }
        guard let least else { return nil }
        var tenant = Tenant(name: least.tenant, turn: least.turn, lanes: [])
        for index in ranges.indices {
            guard let head = ranges[index].ahead.last, head.name.tenant == least.tenant else { continue }
            tenant.lanes.append(head)
            ranges[index].ahead.removeLast()
        }
        return tenant
    }

    private func fill(_ range: inout Range) throws {
        guard range.ahead.isEmpty, !range.isExhausted else { return }
        let statement: Prepared
        if let last = range.last {
            statement = try transition.connection.prepare(Self.next).bind(range.kind).bind(last.turn).bind(last.tenant).bind(chunk)
        } else {
            statement = try transition.connection.prepare(Self.first).bind(range.kind).bind(chunk)
        }
        let lanes = try statement.map(transition.readLane).compactMap { $0 }
        range.isExhausted = lanes.count < chunk
        range.last = lanes.last.map { ($0.turn, $0.name.tenant) }
        range.ahead = lanes.reversed()
        for lane in lanes where transition.ledger.lanes[lane.id] == nil { transition.ledger.hold(lane) }
    }
}
