import Database
import MartletCore
import Synchronization

extension SQLiteStore {
    /// How often other processes' commits are looked for, while somebody listens.
    private static let lookInterval: Duration = .milliseconds(100)

    public func wakeups() -> AsyncStream<Wakeup> {
        let hints = fanout.subscribe()
        return AsyncStream {
            await withTaskGroup { group in
                // The look-out lives inside the listener's own task, and no longer than one wait for a hint.
                group.addTask { await self.lookOut() }
                var iterator = hints.makeAsyncIterator()
                let hint = await iterator.next()
                group.cancelAll()
                return hint
            }
        }
    }

    /// Looks for other processes' commits until the task is cancelled. What it finds reaches every listener.
    private func lookOut() async {
        while !Task.isCancelled {
            do {
                try await environment.clock.sleep(for: Self.lookInterval)
            } catch {
                return
            }
            let uptime = environment.clock.uptime()
            // One look for all listeners: whoever wakes first in an interval takes it.
            let isDue = lastLook.withLock { last in
                guard uptime - last >= Self.lookInterval * 0.9 else { return false }
                last = uptime
                return true
            }
            if isDue { await database.lookForOtherWriters() }
        }
    }
}
