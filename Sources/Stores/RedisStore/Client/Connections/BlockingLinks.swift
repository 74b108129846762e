import NIOCore
import Synchronization

/// Connections for commands that wait in the server, each held by one caller at a time.
final class BlockingLinks: Sendable {
    private struct State {
        var idle: [RedisLink] = []
        /// Held by a caller, by number.
        var held: [Int: RedisLink] = [:]
        var lastNumber = 0
        var isClosed = false
    }

    private let state = Mutex(State())
    private let max: Int
    private let make: @Sendable () -> RedisLink

    init(max: Int, make: @escaping @Sendable () -> RedisLink) {
        self.max = max
        self.make = make
    }

    func send(_ commands: [RedisCommand], within timeout: Duration) async throws(RedisError) -> [RESPValue] {
        let (number, link) = try hold()
        var bytes = ByteBuffer()
        for command in commands { bytes.writeImmutableBuffer(command.encoded) }
        do throws(RedisError) {
            let replies = try await link.send(bytes, count: commands.count, within: timeout)
            // A server that refuses may have changed its part: it is looked for again.
            if replies.contains(where: { $0.refusal != nil }) { drop(number) } else { giveBack(number) }
            return replies
        } catch {
            // Whatever it still waits for in the server ends with it.
            drop(number)
            throw error
        }
    }

    private func hold() throws(RedisError) -> (Int, RedisLink) {
        let held: Result<(Int, RedisLink), RedisError> = state.withLock { state in
            if state.isClosed { return .failure(.closed) }
            state.idle.removeAll(where: \.isClosed)
            guard state.held.count < max else { return .failure(.overloaded(waiting: state.held.count)) }
            let link = state.idle.popLast() ?? make()
            state.lastNumber += 1
            state.held[state.lastNumber] = link
            return .success((state.lastNumber, link))
        }
        return try held.get()
    }

    private func giveBack(_ number: Int) {
        state.withLock { state in
            if let link = state.held.removeValue(forKey: number), !state.isClosed { state.idle.append(link) }
        }
    }

    private func drop(_ number: Int) {
        state.withLock { $0.held.removeValue(forKey: number) }?.close()
    }

    /// Ends all of them. The futures are done when their connections are closed.
    @discardableResult
    func close() -> [EventLoopFuture<Void>] {
        let links = state.withLock { state in
            state.isClosed = true
            defer { state.idle = [] }
            return state.idle + state.held.values
        }
        return links.compactMap { $0.close() }
    }
}
