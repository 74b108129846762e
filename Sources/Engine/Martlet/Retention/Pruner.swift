import Logging

/// Removes what is past its retention, a little at a time.
struct Pruner: Sendable {
    let engine: Engine

    /// Jobs removed in one transaction: small, so that nobody waits for it.
    static let chunk = 500

    /// Runs until the engine drains.
    func run() async {
        while engine.stopControl.moment == .running, !Task.isCancelled {
            do throws(StoreError) {
                let result = try await engine.store.prune(limit: Self.chunk, eventRetention: engine.configuration.eventRetention)
                if result.jobs + result.events > 0 {
                    engine.logger.debug("old jobs were removed", metadata: ["jobs": "\(result.jobs)", "events": "\(result.events)"])
                }
                if result.hasMore {
                    await pause(.milliseconds(50))
                    continue
                }
            } catch {
                engine.logger.warning("removing old jobs failed, will try again", metadata: ["error": "\(error)"])
            }
            await pause(engine.configuration.pruneInterval)
        }
    }

    private func pause(_ delay: Duration) async {
        await engine.stopControl.wait(for: .draining, atMost: delay, engine.environment.clock)
    }
}
