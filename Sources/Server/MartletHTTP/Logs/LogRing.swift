import Logging
import MartletCore
import Records
import Synchronization

/// The latest log records, kept in memory for a server that has no database. Bounded: the oldest make room, and what is long is cut.
public final class LogRing: LogSource, LogSink {
    /// How many records are kept.
    public static let capacity = 1000

    private struct State {
        var records: [LogRecord] = []
        var next = 1
    }

    private let clock: any EngineClock
    private let state = Mutex(State())

    public init(clock: any EngineClock = SystemClock()) {
        self.clock = clock
    }

    public func add(_ level: Logger.Level, _ category: String, _ message: String, _ metadata: Logger.Metadata) {
        var record = LogRecord(at: clock.now(), level: level, category: category, node: "", message: message, metadata: metadata)
        state.withLock { state in
            record.sequence = state.next
            // Overwritten in place: record n stands at n modulo the capacity.
            if state.records.count < Self.capacity {
                state.records.append(record)
            } else {
                state.records[(state.next - 1) % Self.capacity] = record
            }
            state.next += 1
        }
    }

    public func records(_ query: LogQuery) -> [LogRecord] {
        let found = state.withLock { $0.records }.filter(query.matches)
        let ordered = found.sorted { query.order == .newestFirst ? $0.sequence > $1.sequence : $0.sequence < $1.sequence }
        return Array(ordered.prefix(min(query.limit, LogQuery.limitMax)))
    }

    public func record(_ sequence: Int) -> LogRecord? {
        state.withLock { $0.records }.first { $0.sequence == sequence }
    }
}
