import Database
import MartletCore

extension PostgresStore {
    public func wakeups() -> AsyncStream<Wakeup> { hints.fanout.subscribe() }
}
