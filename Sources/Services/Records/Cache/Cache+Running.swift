import Logging
import MartletCore
import Synchronization

extension Cache {
    private static let sweepInterval: Duration = .seconds(60)
    private static let sweepMax = 1000

    /// Computes what is asked for, and hears what others invalidate, until cancelled. Who waits then gets `CacheError.stopped`.
    public func run() async {
        await withDiscardingTaskGroup { group in
            group.addTask { await self.hearAlways() }
            group.addTask { await self.sweepAlways() }
            for await flight in starts {
                group.addTask { await self.fly(flight) }
            }
            group.cancelAll()
        }
        for waiter in state.withLock({ $0.stop() }) { waiter.resume(throwing: CacheError.stopped(cache: name)) }
    }

    private func hearAlways() async {
        var pace = Backoff(base: limits.hearingInterval, max: .seconds(10))
        var pause = limits.hearingInterval
        while await slept(pause) {
            guard state.withLock({ $0.mustHear }) else {
                pause = limits.hearingInterval
                continue
            }
            do {
                try await hear()
                pace.succeeded()
                pause = limits.hearingInterval
            } catch {
                if pace.failures == 0, !Task.isCancelled {
                    logger.warning("invalidations cannot be read; nothing is served from memory until they can", metadata: facts(error))
                }
                pause = pace.failed(environment)
            }
        }
    }

    /// Learns of everything that was invalidated up to now.
    func hear() async throws {
        let asked = environment.clock.uptime()
        let news = try await invalidations.read(after: state.withLock { $0.lastHeard })
        state.withLock { $0.hear(news, askedAt: asked) }
    }

    private func sweepAlways() async {
        while await slept(Self.sweepInterval) {
            let report = state.withLock { state in
                state.sweep(at: environment.clock.uptime())
                return state.report
            }
            metrics.holds(entries: report.entries, bytes: report.bytes)
            do {
                while try await shared.sweep(limit: Self.sweepMax) == Self.sweepMax {}
                try await invalidations.sweep()
            } catch {
                if !Task.isCancelled { logger.warning("old values could not be removed, will try again", metadata: facts(error)) }
            }
        }
    }

    /// `false` when cancelled.
    func slept(_ duration: Duration) async -> Bool {
        do {
            try await environment.clock.sleep(for: duration)
            return true
        } catch {
            return false
        }
    }

    func facts(_ error: any Error) -> Logger.Metadata { ["cache": "\(name)", "error": "\(error)"] }
}
