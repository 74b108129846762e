import MartletCore
import NIOCore
import NIOPosix
import Synchronization

/// Reads the other processes' hints, while anybody in this one listens: one blocking read at a time, about four commands a minute where
/// nothing happens.
final class HintFollower: Sendable {
    private static let blocking: Duration = .seconds(15)
    /// Hints that come faster than this are read together.
    private static let pause: Duration = .milliseconds(1)
    private static let batch = 100

    private struct State {
        var isRunning = false
        var isClosed = false
        /// Ends the following that is under way.
        var end: AsyncStream<Void>.Continuation?
    }

    private let state = Mutex(State())
    private let caller: Caller
    private let environment: Environment

    init(_ caller: Caller, _ environment: Environment) {
        self.caller = caller
        self.environment = environment
    }

    /// Begins to follow, unless it does. It ends some time after the last listener has gone.
    func start() {
        let isFirst = state.withLock { state in
            defer { state.isRunning = true }
            return !state.isRunning && !state.isClosed
        }
        // On a task of its own, since it serves every listener.
        if isFirst { _ = MultiThreadedEventLoopGroup.singleton.any().makeFutureWithTask { await self.follow() } }
    }

    func close() {
        let end = state.withLock { state in
            state.isClosed = true
            return state.end
        }
        end?.finish()
    }

    private func follow() async {
        let (closing, end) = AsyncStream.makeStream(of: Void.self)
        let isClosed = state.withLock { state in
            state.end = end
            return state.isClosed
        }
        if isClosed { return }
        await withTaskGroup { group in
            group.addTask { await self.run() }
            group.addTask { for await _ in closing {} }
            // Closing ends the reading, wherever it is; and the other way round.
            await group.next()
            group.cancelAll()
        }
        state.withLock { state in
            state.isRunning = false
            state.end = nil
        }
        if caller.fanout.hasSubscribers { start() }
    }

    private func run() async {
        var (last, backoff) = (String?.none, Backoff())
        while caller.fanout.hasSubscribers, !Task.isCancelled {
            do {
                let after = if let last { last } else { try await newest() }
                last = try await read(after: after) ?? after
                backoff.succeeded()
                if last != after { try await environment.clock.sleep(for: Self.pause) }
            } catch {
                // Whatever was missed: who listens looks again.
                last = nil
                caller.fanout.send(Wakeup(work: true, isUnspecific: true))
                do { try await environment.clock.sleep(for: backoff.failed(environment)) } catch { return }
            }
        }
    }

    private func newest() async throws(StoreError) -> String {
        let reply = try await caller.send(RedisCommand("XREVRANGE", caller.deployment.hints, "+", "-", "COUNT", "1"))
        return reply.elements?.first?.elements?.first?.string ?? "0"
    }

    /// Answers the last entry's id, or nil after a time without any.
    private func read(after: String) async throws -> String? {
        let key = caller.deployment.hints
        let milliseconds = "\(Self.blocking.microseconds / 1000)"
        let command = RedisCommand("XREAD", "COUNT", "\(Self.batch)", "BLOCK", milliseconds, "STREAMS", key, after)
        let reply = try await caller.client.block(command, for: Self.blocking, key: key)
        // One stream: its name, and its entries.
        guard let stream = reply.elements, let entries = stream.count == 2 ? stream[1].elements : stream.first?.elements?.last?.elements else {
            return nil
        }
        let others = entries.filter { $0.elements?.last?["o"]?.string != caller.origin }
        if !others.isEmpty {
            let work = others.contains { $0.elements?.last?["w"]?.string == "1" }
            caller.fanout.send(Wakeup(work: work, isUnspecific: true))
        }
        return entries.last?.elements?.first?.string
    }
}
