import DequeModule
import MartletCore
import NIOCore

/// What waits to be written, and what was written and waits for its replies. A pure value; its owner does what it says.
///
/// Replies come in the order of the requests, so a request whose caller has gone away keeps its place, and its replies are dropped.
struct CallQueue: Sendable {
    /// An answer that is due, to be given outside of any lock.
    struct Due: Sendable {
        let answer: RedisCall.Answer
        let result: Result<[RESPValue], RedisError>
        let permit: CircuitBreaker.Permit

        func give() { answer(result) }

        /// Whether the server answered; `nil` where that is not why this is over.
        var isAnswered: Bool? {
            switch result {
            case .success: true
            case .failure(.timedOut): false
            case .failure: nil
            }
        }
    }

    private struct Written: Sendable {
        let id: UInt64
        let count: Int
        let timeout: Duration
        let deadline: Duration
        let permit: CircuitBreaker.Permit
        /// `nil` where the caller has had an answer.
        var answer: RedisCall.Answer?
        var replies: [RESPValue] = []

        init(_ call: RedisCall) {
            id = call.id
            count = call.count
            timeout = call.timeout
            deadline = call.deadline
            permit = call.permit
            answer = call.answer
        }

        func due(_ result: Result<[RESPValue], RedisError>) -> Due? {
            answer.map { Due(answer: $0, result: result, permit: permit) }
        }
    }

    private let inFlightMax: Int
    private let waitingMax: Int
    private let waitingBytesMax: Int
    private var waiting: Deque<RedisCall> = []
    private var waitingBytes = 0
    private var written: Deque<Written> = []

    init(_ settings: RedisSettings) {
        inFlightMax = settings.inFlightMax
        waitingMax = settings.waitingMax
        waitingBytesMax = settings.waitingBytesMax
    }

    var isEmpty: Bool { waiting.isEmpty && written.isEmpty }
    var hasWaiting: Bool { !waiting.isEmpty }
    var inFlightCount: Int { written.count }
    private var hasRoom: Bool { written.count < inFlightMax }

    /// Takes a request, or says why not.
    mutating func add(_ call: RedisCall) -> RedisError? {
        let size = call.bytes.readableBytes
        // One that is larger than the bound by itself goes through where nothing else waits.
        guard waiting.count < waitingMax, waitingBytes + size <= waitingBytesMax || waiting.isEmpty else {
            return .overloaded(waiting: waiting.count)
        }
        waiting.append(call)
        waitingBytes += size
        return nil
    }

    /// The next requests to write, in order: from now on they count as written.
    mutating func take(bytesMax: Int) -> [ByteBuffer] {
        var taken: [ByteBuffer] = []
        var size = 0
        while hasRoom, size < bytesMax, let call = waiting.popFirst() {
            let bytes = call.bytes.readableBytes
            waitingBytes -= bytes
            size += bytes
            written.append(Written(call))
            taken.append(call.bytes)
        }
        return taken
    }

    /// Sorts replies to the requests that they answer.
    /// - Throws: `unasked` where there are more replies than commands.
    mutating func receive(_ replies: [RESPValue], into due: inout [Due]) throws(RESPFault) {
        for reply in replies {
            guard !written.isEmpty else { throw .unasked }
            if written[0].count == 1 {
                if let answer = written.removeFirst().due(.success([reply])) { due.append(answer) }
                continue
            }
            written[0].replies.append(reply)
            guard written[0].replies.count == written[0].count else { continue }
            let call = written.removeFirst()
            if let answer = call.due(.success(call.replies)) { due.append(answer) }
        }
    }

    /// Lets go of a caller. One that was not written is taken out; the replies of another will be dropped.
    mutating func cancel(_ id: UInt64) -> Due? {
        if let index = waiting.firstIndex(where: { $0.id == id }) {
            let call = waiting.remove(at: index)
            waitingBytes -= call.bytes.readableBytes
            return call.due(.cancelled(mayHaveHappened: false))
        }
        guard let index = written.firstIndex(where: { $0.id == id }) else { return nil }
        defer { written[index].answer = nil }
        return written[index].due(.failure(.cancelled(mayHaveHappened: true)))
    }

    /// Lets go of the callers whose time is up.
    /// - Parameter waitsForRoom: whether what was not written waited for others, not for a connection.
    mutating func expire(at uptime: Duration, waitsForRoom: Bool) -> [Due] {
        var due: [Due] = []
        for index in written.indices where written[index].deadline <= uptime {
            guard let answer = written[index].due(.failure(.timedOut(after: written[index].timeout, mayHaveHappened: true))) else { continue }
            due.append(answer)
            written[index].answer = nil
        }
        guard waiting.contains(where: { $0.deadline <= uptime }) else { return due }
        let count = waiting.count
        for call in waiting where call.deadline <= uptime {
            due.append(call.due(waitsForRoom ? .overloaded(waiting: count) : .timedOut(after: call.timeout, mayHaveHappened: false)))
            waitingBytes -= call.bytes.readableBytes
        }
        waiting.removeAll { $0.deadline <= uptime }
        return due
    }

    /// Whether the reply that is next in line should have come before this time.
    func isStuck(since uptime: Duration) -> Bool { written.first.map { $0.deadline <= uptime } ?? false }

    /// The connection is lost, and what was written with it.
    mutating func failWritten(_ error: RedisError) -> [Due] {
        defer { written.removeAll() }
        let reached = error.reached(true)
        return written.compactMap { $0.due(.failure(reached)) }
    }

    /// There is no connection for what waits.
    mutating func failWaiting(_ error: RedisError) -> [Due] {
        defer {
            waiting.removeAll()
            waitingBytes = 0
        }
        let unreached = error.reached(false)
        return waiting.map { $0.due(unreached) }
    }
}
