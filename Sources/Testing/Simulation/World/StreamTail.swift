import Martlet
import MartletCore
import MartletTesting

/// Somebody who watches a stream through whatever node is there, and goes on at another one where the last one left him.
struct StreamTail: Sendable {
    let name: String
    let stream: String
    let world: World

    func run() async {
        var position = 0
        var connections = 0
        while !world.isOver {
            connections += 1
            let nodes = world.nodes.filter { !$0.lane.isFrozen }
            guard !nodes.isEmpty else {
                await world.clock.pass(.milliseconds(300))
                continue
            }
            do {
                if try await follow(nodes[connections % nodes.count], &position) { return }
            } catch {
                await world.clock.pass(.milliseconds(300))
            }
        }
    }

    /// - Returns: whether everything has been read and nothing more will come.
    private func follow(_ node: SimulatedNode, _ position: inout Int) async throws -> Bool {
        var reader = StreamReader(stream, after: position, engine: node.engine)
        while !world.isOver, !node.isGone {
            // Asked before the page is read: what was written until then is in it.
            let isLast = world.isSettled
            let page = try await reader.page(limit: 3)
            for event in page.events {
                world.auditor.observe(.tailed(reader: name, event))
                position = event.sequence
            }
            if !page.events.isEmpty { continue }
            if isLast { return true }
            try await reader.change()
        }
        return false
    }
}
