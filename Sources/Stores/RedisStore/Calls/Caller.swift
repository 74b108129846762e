import MartletCore
import NIOCore

/// Calls functions of the library for one deployment, and loads the library where it is missing.
struct Caller: Sendable {
    let client: RedisClient
    let deployment: Deployment
    let fanout: WakeupFanout
    /// Tells this store's hints from the others'.
    let origin: String
    /// `nil` leaves the time to Redis.
    let clock: StoreClock?

    /// A transition; its hint is sent to whoever listens in this process.
    func change(
        _ function: FunctionName, capacity: Int = 0, _ arguments: (inout RedisCommand) -> Void = { _ in }
    ) async throws(StoreError) -> Transition {
        let reply = try await call(function, capacity: capacity, arguments)
        guard let parts = reply.elements, parts.count == 2 else { throw .unreadable }
        guard let header = parts[0].buffer else {
            guard let words = parts[1].elements, let word = words.first?.string else { throw .unreadable }
            return .refused(word, Array(words.dropFirst()))
        }
        let read = try CallHeader(header)
        if let wakeup = read.wakeup { fanout.send(wakeup) }
        return .done(read.now, parts[1])
    }

    /// A transition that nothing but an error keeps from happening.
    func answer(
        _ function: FunctionName, capacity: Int = 0, _ arguments: (inout RedisCommand) -> Void = { _ in }
    ) async throws(StoreError) -> RESPValue {
        guard case .done(_, let answer) = try await change(function, capacity: capacity, arguments) else { throw .unreadable }
        return answer
    }

    func call(
        _ function: FunctionName, capacity: Int = 0, _ arguments: (inout RedisCommand) -> Void = { _ in }
    ) async throws(StoreError) -> RESPValue {
        var command = RedisCommand(
            words: [function.isReading ? "FCALL_RO" : "FCALL", "\(FunctionLibrary.name)_\(function.rawValue)", "1", deployment.tag],
            capacity: capacity + 64)
        command.add(header())
        arguments(&command)
        do throws(RedisError) {
            return try await client.send(command, key: deployment.tag)
        } catch {
            guard case .refused(let refusal) = error, refusal.kind == .noFunction else { throw StoreError(error) }
        }
        // Flushed, or a server that took over without it: nothing has happened yet.
        try await load()
        return try await send(command)
    }

    /// The same text under the same name: whoever loads it at the same time does no harm.
    func load() async throws(StoreError) {
        _ = try await send(RedisCommand("FUNCTION", "LOAD", "REPLACE", FunctionLibrary.source))
    }

    func send(_ command: RedisCommand) async throws(StoreError) -> RESPValue {
        do throws(RedisError) {
            return try await client.send(command, key: deployment.tag)
        } catch {
            throw StoreError(error)
        }
    }

    private func header() -> [UInt8] {
        var writer = PackWriter(capacity: 32)
        writer.add(clock.map { $0.now() })
        writer.add(origin)
        writer.add(fanout.hasSubscribers)
        return writer.bytes
    }
}
