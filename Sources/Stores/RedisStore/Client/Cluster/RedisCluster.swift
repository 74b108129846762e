import MartletCore
import NIOCore
import Synchronization

/// The nodes of a Redis Cluster and which of them serves what. Follows what they say about that, a bounded number of times.
final class RedisCluster: Sendable {
    private struct State {
        var map: SlotMap?
        /// Whether something has shown that the map is old.
        var isStale = false
        var nodes: [RedisEndpoint: RedisNode] = [:]
        var isRefreshing = false
        var isClosed = false
        /// Those who wait for the map that another one fetches.
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var lastWaiter: UInt64 = 0
    }

    /// Where to try next.
    private enum Target {
        case owner
        case node(RedisEndpoint)
        /// A node that a slot moves to answers only who says that it was sent.
        case asking(RedisEndpoint)
    }

    /// Carries commands to one node.
    typealias Transport = @Sendable (RedisNode, [RedisCommand], Duration) async throws(RedisError) -> [RESPValue]

    private let seeds: [RedisEndpoint]
    private let settings: RedisSettings
    private let environment: Environment
    private let makeNode: @Sendable (RedisEndpoint) -> RedisNode
    private let state = Mutex(State())

    init(
        _ seeds: [RedisEndpoint], _ settings: RedisSettings, _ environment: Environment, makeNode: @escaping @Sendable (RedisEndpoint) -> RedisNode
    ) {
        self.seeds = seeds
        self.settings = settings
        self.environment = environment
        self.makeNode = makeNode
    }

    /// What one of the nodes said of itself.
    var facts: ServerFacts { state.withLock { $0.nodes.values.lazy.map(\.link.facts).first { !$0.version.isEmpty } } ?? ServerFacts() }

    /// The futures are done when the connections are closed.
    func close() -> [EventLoopFuture<Void>] {
        let nodes = state.withLock { state in
            state.isClosed = true
            defer { state.nodes = [:] }
            return Array(state.nodes.values)
        }
        return nodes.flatMap { $0.close() }
    }
}

// MARK: - Commands
extension RedisCluster {
    /// Sends commands that all belong to one slot. Those that are sent elsewhere are sent again there, after those that were not.
    func send(
        _ commands: [RedisCommand], slot: HashSlot, within timeout: Duration, by transport: Transport
    ) async throws(RedisError) -> [RESPValue] {
        let deadline = environment.clock.uptime() + timeout
        var replies = [RESPValue](repeating: .null, count: commands.count)
        var pending = Array(commands.indices)
        var target = Target.owner
        var pause = Backoff(base: .milliseconds(25), max: .seconds(1))
        for attempt in 0...settings.redirectionsMax {
            var tried: RedisEndpoint?
            do throws(RedisError) {
                let endpoint = try await place(target, slot)
                tried = endpoint
                let rest = max(deadline - environment.clock.uptime(), .zero)
                let answers = try await ask(node(at: endpoint), pending.map { commands[$0] }, target, rest, by: transport)
                for (index, answer) in zip(pending, answers) { replies[index] = answer }
            } catch {
                markStale(if: error)
                // Nothing was sent: the slot may have another master by now.
                guard !error.mayHaveHappened, error.isTransient || error == .closed, attempt < settings.redirectionsMax, !isClosed, let tried,
                    await hasMoved(slot, from: tried)
                else {
                    // What one node has answered already is not undone by another's silence.
                    throw pending.count < commands.count ? error.reached(true) : error
                }
                target = .owner
                continue
            }
            pending.removeAll { !(replies[$0].refusal?.isDirection ?? false) }
            guard let first = pending.first, let direction = replies[first].refusal?.kind else { return replies }
            guard attempt < settings.redirectionsMax, environment.clock.uptime() < deadline else { break }
            target = follow(direction, slot, from: tried)
            guard case .owner = target else { continue }
            do throws(RedisError) {
                try await wait(pause.failed(environment))
            } catch {
                throw pending.count < commands.count ? error.reached(true) : error
            }
        }
        return replies
    }

    private func ask(
        _ node: RedisNode, _ commands: [RedisCommand], _ target: Target, _ timeout: Duration, by transport: Transport
    ) async throws(RedisError) -> [RESPValue] {
        guard case .asking = target else { return try await transport(node, commands, timeout) }
        let replies = try await transport(node, commands.flatMap { [RedisCommand("ASKING"), $0] }, timeout)
        return stride(from: 1, to: replies.count, by: 2).map { replies[$0] }
    }

    /// Where a direction leads. `owner` where it says only to wait.
    private func follow(_ direction: RedisRefusal.Kind, _ slot: HashSlot, from asked: RedisEndpoint?) -> Target {
        /// A node that knows no name of the other one means the host that it was asked at.
        func full(_ other: RedisEndpoint) -> RedisEndpoint {
            other.host.isEmpty ? RedisEndpoint(host: asked?.host ?? "", port: other.port) : other
        }
        switch direction {
        case .moved(_, let other):
            state.withLock { state in
                state.map?[slot] = full(other)
                // Where one slot has gone others have, too.
                state.isStale = true
            }
            return .node(full(other))
        case .ask(_, let other): return .asking(full(other))
        case .clusterDown:
            state.withLock { $0.isStale = true }
            return .owner
        default: return .owner
        }
    }

    private func wait(_ pause: Duration) async throws(RedisError) {
        do {
            try await environment.clock.sleep(for: pause)
        } catch {
            throw .cancelled(mayHaveHappened: false)
        }
    }

    private var isClosed: Bool { state.withLock { $0.isClosed } }

    private func markStale(if error: RedisError) {
        switch error {
        case .unavailable, .timedOut, .closed: state.withLock { $0.isStale = true }
        default: break
        }
    }

    /// Whether a fresh look shows another master than the one just tried in vain.
    private func hasMoved(_ slot: HashSlot, from tried: RedisEndpoint) async -> Bool {
        do throws(RedisError) {
            return try await place(.owner, slot) != tried
        } catch {
            return false
        }
    }
}

// MARK: - The map
extension RedisCluster {
    private func node(at endpoint: RedisEndpoint) throws(RedisError) -> RedisNode {
        let node = state.withLock { state -> RedisNode? in
            if state.isClosed { return nil }
            if let known = state.nodes[endpoint] { return known }
            let node = makeNode(endpoint)
            state.nodes[endpoint] = node
            return node
        }
        guard let node else { throw .closed }
        return node
    }

    private func place(_ target: Target, _ slot: HashSlot) async throws(RedisError) -> RedisEndpoint {
        switch target {
        case .node(let endpoint), .asking(let endpoint): return endpoint
        case .owner: break
        }
        while true {
            let (map, isStale) = state.withLock { ($0.map, $0.isStale) }
            if let map, !isStale { return try owner(of: slot, in: map) }
            do throws(RedisError) {
                try await refresh()
            } catch {
                if case .cancelled = error { throw error }
                // An old map may still be right about this slot.
                guard let map else { throw error }
                return try owner(of: slot, in: map)
            }
        }
    }

    private func owner(of slot: HashSlot, in map: SlotMap) throws(RedisError) -> RedisEndpoint {
        guard let owner = map[slot] else {
            state.withLock { $0.isStale = true }
            throw .unavailable(reason: "no node of the cluster serves the slot \(slot.number)", mayHaveHappened: false)
        }
        return owner
    }

    /// Fetches the map, or waits until another caller has.
    private func refresh() async throws(RedisError) {
        guard
            state.withLock({ state in
                defer { state.isRefreshing = true }
                return !state.isRefreshing
            })
        else { return try await waitForRefresh() }
        defer { endRefresh() }
        var last: RedisError?
        for endpoint in candidates {
            do throws(RedisError) {
                let reply = try await node(at: endpoint).send([RedisCommand("CLUSTER", "SLOTS")], within: settings.connectTimeout)[0]
                if let refusal = reply.refusal { throw .refused(refusal) }
                guard let map = SlotMap(reply, from: endpoint.host), !map.masters.isEmpty else {
                    throw .unavailable(reason: "\(endpoint) knows no slots of a cluster", mayHaveHappened: false)
                }
                return take(map)
            } catch {
                if case .cancelled = error { throw error }
                last = error
            }
        }
        let reason = "no node of the cluster can say who serves what" + (last.map { " (\($0))" } ?? "")
        throw .unavailable(reason: reason, mayHaveHappened: false)
    }

    /// Nodes that are known, beginning anywhere, then those of the address.
    private var candidates: [RedisEndpoint] {
        let known = state.withLock { Set($0.nodes.keys).union($0.map?.masters ?? []) }.subtracting(seeds).sorted { $0.description < $1.description }
        let all = known + seeds
        let start = Int(environment.random.next() % UInt64(all.count))
        return Array(all[start...] + all[..<start])
    }

    private func take(_ map: SlotMap) {
        let gone = state.withLock { state -> [RedisNode] in
            state.map = map
            state.isStale = false
            let left = state.nodes.filter { !map.masters.contains($0.key) }
            for endpoint in left.keys { state.nodes[endpoint] = nil }
            return Array(left.values)
        }
        for node in gone { node.retire() }
    }

    private func endRefresh() {
        let waiters = state.withLock { state in
            state.isRefreshing = false
            defer { state.waiters = [:] }
            return state.waiters.values
        }
        for waiter in waiters { waiter.resume() }
    }

    private func waitForRefresh() async throws(RedisError) {
        let id = state.withLock { state in
            state.lastWaiter += 1
            return state.lastWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let isOver = state.withLock { state -> Bool in
                    guard state.isRefreshing, !Task.isCancelled else { return true }
                    state.waiters[id] = continuation
                    return false
                }
                if isOver { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: id) }?.resume()
        }
        if Task.isCancelled { throw .cancelled(mayHaveHappened: false) }
    }
}
