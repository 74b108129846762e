import Logging
import MartletCore
import Synchronization

/// The latest log records, kept in memory for `GET /v1/logs`. Bounded: the oldest make room, and what is long is cut.
public final class LogRing: Sendable {
    /// How many records are kept.
    public static let capacity = 1000
    private static let textBytes = 1024
    private static let metadataCount = 32

    private struct State {
        var records: [LogRecord] = []
        var next = 1
    }

    private let clock: any EngineClock
    private let state = Mutex(State())

    public init(clock: any EngineClock = SystemClock()) {
        self.clock = clock
    }

    func append(level: Logger.Level, label: String, message: String, metadata: Logger.Metadata) {
        let at = clock.now()
        let message = Limits.cut(message, to: Self.textBytes)
        var texts: [String: String] = [:]
        for (name, value) in metadata.sorted(by: { $0.key < $1.key }).prefix(Self.metadataCount) {
            texts[name] = Limits.cut("\(value)", to: Self.textBytes)
        }
        state.withLock { state in
            let record = LogRecord(sequence: state.next, at: at, level: level, label: label, message: message, metadata: texts)
            // Overwritten in place: record n stands at n modulo the capacity.
            if state.records.count < Self.capacity {
                state.records.append(record)
            } else {
                state.records[(state.next - 1) % Self.capacity] = record
            }
            state.next += 1
        }
    }

    /// The newest `limit` records of at least this level with a sequence number above `after`, oldest first.
    public func records(atLeast level: Logger.Level = .trace, after: Int = 0, limit: Int) -> [LogRecord] {
        let records = state.withLock { $0.records }
        return records.filter { $0.level >= level && $0.sequence > after }.sorted { $0.sequence < $1.sequence }.suffix(limit)
    }
}
