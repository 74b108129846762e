import MartletCore
import NIOCore
import Synchronization
import Testing

@testable import RedisStore

@Suite struct CallQueueTests {
    /// What the callers were told, by the number of their call.
    private final class Answers: Sendable {
        let all = Mutex<[UInt64: Result<[RESPValue], RedisError>]>([:])

        func call(_ id: UInt64, count: Int = 1, size: Int = 10, deadline: Duration = .seconds(10)) -> RedisCall {
            var breaker = CircuitBreaker()
            guard case .permitted(let permit) = breaker.admit(at: .zero) else { preconditionFailure("a new breaker is closed") }
            return RedisCall(
                id: id, bytes: ByteBuffer(repeating: 0, count: size), count: count, timeout: .seconds(10), deadline: deadline, permit: permit
            ) { answer in self.all.withLock { $0[id] = answer } }
        }

        subscript(id: UInt64) -> Result<[RESPValue], RedisError>? { all.withLock { $0[id] } }
    }

    private static func settings(inFlight: Int = 10, waiting: Int = 10, bytes: Int = 1000) -> RedisSettings {
        var settings = RedisSettings()
        settings.inFlightMax = inFlight
        settings.waitingMax = waiting
        settings.waitingBytesMax = bytes
        return settings
    }

    private static func receive(_ queue: inout CallQueue, _ replies: [RESPValue]) throws {
        var due: [CallQueue.Due] = []
        try queue.receive(replies, into: &due)
        for answer in due { answer.give() }
    }

    @Test func `replies go to their requests in order`() throws {
        var queue = CallQueue(Self.settings())
        let answers = Answers()
        for (id, count) in [(1, 1), (2, 3), (3, 1)] as [(UInt64, Int)] { #expect(queue.add(answers.call(id, count: count)) == nil) }
        #expect(queue.take(bytesMax: 1000).count == 3)
        try Self.receive(&queue, [.integer(1), .integer(2)])
        #expect(answers[1] == .success([.integer(1)]) && answers[2] == nil)
        try Self.receive(&queue, [.integer(3), .integer(4), .integer(5)])
        #expect(answers[2] == .success([.integer(2), .integer(3), .integer(4)]) && answers[3] == .success([.integer(5)]))
        #expect(queue.isEmpty)
        #expect(throws: RESPFault.unasked) { try Self.receive(&queue, [.null]) }
    }

    @Test func `a cancelled caller leaves its neighbours their replies`() throws {
        var queue = CallQueue(Self.settings())
        let answers = Answers()
        for id in 1...4 as ClosedRange<UInt64> { _ = queue.add(answers.call(id)) }
        _ = queue.take(bytesMax: 30)
        queue.cancel(2)?.give()
        queue.cancel(4)?.give()
        #expect(queue.cancel(2) == nil && queue.cancel(99) == nil)
        #expect(answers[2] == .failure(.cancelled(mayHaveHappened: true)))
        #expect(answers[4] == .failure(.cancelled(mayHaveHappened: false)))
        #expect(queue.take(bytesMax: 1000).isEmpty)
        try Self.receive(&queue, [.integer(1), .integer(2), .integer(3)])
        #expect(answers[1] == .success([.integer(1)]) && answers[3] == .success([.integer(3)]))
        #expect(answers[2] == .failure(.cancelled(mayHaveHappened: true)))
    }

    @Test func `no more than allowed is on the wire, or waits`() throws {
        var queue = CallQueue(Self.settings(inFlight: 2, waiting: 3))
        let answers = Answers()
        for id in 1...3 as ClosedRange<UInt64> { #expect(queue.add(answers.call(id)) == nil) }
        #expect(queue.add(answers.call(4)) == .overloaded(waiting: 3))
        #expect(queue.take(bytesMax: 1000).count == 2)
        #expect(queue.take(bytesMax: 1000).isEmpty)
        try Self.receive(&queue, [.null])
        #expect(queue.take(bytesMax: 1000).count == 1)
    }

    @Test func `bytes that wait are bounded, but one request always fits`() {
        var queue = CallQueue(Self.settings(bytes: 100))
        let answers = Answers()
        #expect(queue.add(answers.call(1, size: 500)) == nil)
        #expect(queue.add(answers.call(2, size: 1)) == .overloaded(waiting: 1))
        _ = queue.take(bytesMax: 1)
        #expect(queue.add(answers.call(3, size: 60)) == nil)
        #expect(queue.add(answers.call(4, size: 41)) == .overloaded(waiting: 1))
        queue.cancel(3)?.give()
        #expect(queue.add(answers.call(5, size: 100)) == nil)
    }

    @Test func `time runs out for each on its own`() throws {
        var queue = CallQueue(Self.settings(inFlight: 2))
        let answers = Answers()
        for (id, deadline) in [(1, 5), (2, 9), (3, 5), (4, 9)] as [(UInt64, Int)] { _ = queue.add(answers.call(id, deadline: .seconds(deadline))) }
        _ = queue.take(bytesMax: 1000)
        #expect(queue.expire(at: .seconds(4), waitsForRoom: true).isEmpty)
        for answer in queue.expire(at: .seconds(5), waitsForRoom: true) { answer.give() }
        #expect(answers[1] == .failure(.timedOut(after: .seconds(10), mayHaveHappened: true)))
        #expect(answers[3] == .failure(.overloaded(waiting: 2)))
        #expect(answers[2] == nil && answers[4] == nil)
        #expect(queue.isStuck(since: .seconds(5)) && !queue.isStuck(since: .seconds(4)))
        for answer in queue.expire(at: .seconds(9), waitsForRoom: false) { answer.give() }
        #expect(answers[4] == .failure(.timedOut(after: .seconds(10), mayHaveHappened: false)))
        try Self.receive(&queue, [.integer(1), .integer(2)])
        #expect(queue.isEmpty)
    }

    @Test func `a lost connection leaves open what was written and nothing else`() {
        var queue = CallQueue(Self.settings(inFlight: 1))
        let answers = Answers()
        for id in 1...2 as ClosedRange<UInt64> { _ = queue.add(answers.call(id)) }
        _ = queue.take(bytesMax: 1000)
        let error = RedisError.unavailable(reason: "gone", mayHaveHappened: true)
        for answer in queue.failWritten(error) + queue.failWaiting(error) { answer.give() }
        #expect(answers[1] == .failure(.unavailable(reason: "gone", mayHaveHappened: true)))
        #expect(answers[2] == .failure(.unavailable(reason: "gone", mayHaveHappened: false)))
        #expect(queue.isEmpty)
    }
}
