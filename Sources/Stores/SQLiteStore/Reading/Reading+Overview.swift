import Database
import MartletCore

extension Reading {
    private static let kinds = Query(
        """
        SELECT name, sum(ready), sum(running), sum(waiting), sum(succeeded), sum(failed), sum(cancelled) FROM kinds GROUP BY name ORDER BY name
        """)
    private static let triggers = Query("SELECT \(Transition.triggerColumns) FROM triggers ORDER BY name")
    private static let running = Query("SELECT count(*) FROM jobs INDEXED BY jobs_running WHERE phase = 1 AND node = ?")

    func overview() throws -> Overview {
        let kinds = try connection.prepare(Self.kinds).map { KindState(name: $0.text(0), counts: $0.counts(from: 1)) }
        let nodes = try connection.prepare(Transition.allNodes).map { (id: NodeID($0.text(0)), expiresAt: $0.time(1)) }
        return Overview(
            now: now, queues: try connection.prepare(Transition.allQueues).map { Transition.queue($0).state },
            triggers: try connection.prepare(Self.triggers).map(TriggerState.init),
            nodes: try nodes.map { node in
                let running = try connection.prepare(Self.running).bind(node.id.name).first { $0.int(0) }
                return NodeState(id: node.id, expiresAt: node.expiresAt, running: running ?? 0)
            },
            kinds: kinds.filter { $0.counts.total > 0 })
    }
}
