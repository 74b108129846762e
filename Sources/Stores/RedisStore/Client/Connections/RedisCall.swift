import MartletCore
import NIOCore

/// One request, a command or a pipeline, on its way to its replies.
struct RedisCall: Sendable {
    typealias Answer = @Sendable (Result<[RESPValue], RedisError>) -> Void

    let id: UInt64
    /// Everything that goes over the wire.
    let bytes: ByteBuffer
    /// Commands in `bytes`.
    let count: Int
    let timeout: Duration
    /// `EngineClock.uptime()` at which nobody waits any more.
    let deadline: Duration
    let permit: CircuitBreaker.Permit
    let answer: Answer

    func due(_ error: RedisError) -> CallQueue.Due { CallQueue.Due(answer: answer, result: .failure(error), permit: permit) }
}
