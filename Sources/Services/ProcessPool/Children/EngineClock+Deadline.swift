import MartletCore

extension EngineClock {
    /// Returns when `uptime()` has reached `instant`.
    ///
    /// Sleeps in slices that grow with the time already waited. A cancelled `Task.sleep` frees its task (600 bytes) only when it would have
    /// rung: a thousand short commands a second, each with a timeout of an hour, would pile up gigabytes.
    /// - Throws: `CancellationError`.
    func sleep(until instant: Duration) async throws {
        let start = uptime()
        while true {
            let now = uptime()
            guard now < instant else { return }
            try await sleep(for: min(instant - now, max(.seconds(1), now - start)))
        }
    }
}
