import Logging
import MartletCore
import Synchronization

/// What was logged and is not written yet. Whoever logs never waits: where there is no room the record is dropped and counted.
public final class LogBuffer: LogSink {
    /// Records kept, at most.
    public static let capacity = 10_000
    private static let bytesMax = 16 << 20

    private struct State {
        var records: [LogRecord] = []
        var bytes = 0
        /// Since the last word about it.
        var dropped = 0
        var droppedEver = 0
    }

    private let node: String
    private let clock: any EngineClock
    private let state = Mutex(State())
    /// Told of the first record in an empty buffer.
    let filled: AsyncStream<Void>
    private let bell: AsyncStream<Void>.Continuation

    /// - Parameter node: names this process in its records.
    public init(node: String, clock: any EngineClock) {
        self.node = node
        self.clock = clock
        (filled, bell) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    }

    /// Records dropped since the start.
    public var dropped: Int { state.withLock { $0.droppedEver } }

    public func add(_ level: Logger.Level, _ category: String, _ message: String, _ metadata: Logger.Metadata) {
        let record = LogRecord(at: clock.now(), level: level, category: category, node: node, message: message, metadata: metadata)
        let isFirst = state.withLock { state in
            guard state.records.count < Self.capacity, state.bytes + record.bytes <= Self.bytesMax else {
                state.dropped += 1
                state.droppedEver += 1
                return false
            }
            state.records.append(record)
            state.bytes += record.bytes
            return state.records.count == 1
        }
        if isFirst { bell.yield() }
    }

    /// The oldest records, at most `limit`. They stay until `remove`: there is one writer.
    func first(_ limit: Int) -> [LogRecord] {
        state.withLock { state in
            if state.dropped > 0, state.records.count < Self.capacity {
                // Where the gap is, and not before it: behind everything that was kept.
                let word = LogRecord(
                    at: clock.now(), level: .warning, category: "martlet.log", node: node, message: "log records were dropped",
                    metadata: ["count": "\(state.dropped)"])
                state.records.append(word)
                state.bytes += word.bytes
                state.dropped = 0
            }
            return Array(state.records.prefix(limit))
        }
    }

    func remove(_ written: [LogRecord]) {
        state.withLock { state in
            state.records.removeFirst(written.count)
            state.bytes -= written.reduce(0) { $0 + $1.bytes }
        }
    }
}
