import Database
import MartletCore

extension PostgresStore {
    public func wakeups() -> AsyncStream<Wakeup> {
        listen()
        return hints.fanout.subscribe()
    }
}
