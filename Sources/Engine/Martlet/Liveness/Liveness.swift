import Logging
import Synchronization

/// Says that this node is alive for as long as it holds work: one write per interval, however many jobs run. Stops the attempts whose lease is lost
/// or whose job somebody cancelled, and tells the store about nodes of this machine that are gone.
final class Liveness: Sendable {
    private struct State {
        /// The latest generation the store has told this node of.
        var generation = 0
        var lastRenewal: Duration?
    }

    private let engine: Engine
    private let table: RunningTable
    private let state = Mutex(State())
    private let began = Doorbell()

    /// An idle node still shows itself, this seldom. Not for longer than a lease, idle or not: a word that is good for longer and reaches
    /// the store just after a claim would keep the jobs of a node that dies then from running again.
    private var idleInterval: Duration { max(configuration.heartbeat, configuration.leaseDuration - .seconds(2)) }

    init(engine: Engine, table: RunningTable) {
        self.engine = engine
        self.table = table
    }

    private var clock: any EngineClock { engine.environment.clock }
    private var configuration: EngineConfiguration { engine.configuration }

    /// A claim is a sign of life too. A new generation means that the node was declared dead since the last one.
    func note(generation: Int) {
        let isNew = state.withLock { state in
            state.lastRenewal = clock.uptime()
            guard generation != state.generation else { return false }
            state.generation = generation
            return true
        }
        if isNew { stopLost(except: generation) }
    }

    func isCurrent(generation: Int) -> Bool { state.withLock { $0.generation == generation } }

    private func stopLost(except generation: Int) {
        for attempt in table.all where attempt.generation != generation { attempt.stop(.leaseLost) }
    }

    /// Runs until cancelled.
    func run() async {
        var backoff = Backoff()
        while !Task.isCancelled {
            let isBusy = table.hasWork(orRing: began)
            do throws(StoreError) {
                try await beat()
                backoff.succeeded()
                await began.wait(atMost: isBusy ? configuration.heartbeat : idleInterval, clock)
                // Woken by the first job after an idle time: its claim was a renewal.
                if !isBusy, !table.isEmpty { await pause(configuration.heartbeat) }
            } catch {
                engine.logger.warning("the heartbeat failed, will try again", metadata: ["error": "\(error)"])
                stopIfExpired()
                await pause(min(backoff.failed(engine.environment), configuration.heartbeat))
            }
        }
    }

    private func pause(_ delay: Duration) async {
        do { try await clock.sleep(for: delay) } catch { return }
    }

    private func beat() async throws(StoreError) {
        let ttl = configuration.leaseDuration
        var renewal = try await engine.store.renew(Heartbeat(node: configuration.node, ttl: ttl))
        let gone = renewal.nodes.filter(\.isGone)
        if !gone.isEmpty {
            engine.logger.notice("nodes of this machine are gone, their jobs run again", metadata: ["nodes": "\(gone)"])
            renewal = try await engine.store.renew(Heartbeat(node: configuration.node, ttl: ttl, departed: gone))
        }
        note(generation: renewal.generation)
        for lease in renewal.cancelRequested {
            guard let attempt = table[lease.job], attempt.lease == lease else { continue }
            attempt.stop(.cancelRequested)
        }
    }

    /// A node that could not renew for a whole lease must assume that its jobs are being run elsewhere.
    private func stopIfExpired() {
        let isExpired = state.withLock { state in
            guard let last = state.lastRenewal, clock.uptime() - last > configuration.leaseDuration else { return false }
            return true
        }
        if isExpired { table.stopAll(.leaseLost) }
    }

    /// The node's last words. Whatever it still holds keeps its lease until that expires.
    func leave() async {
        do throws(StoreError) {
            _ = try await engine.store.renew(Heartbeat(node: configuration.node, ttl: configuration.leaseDuration, isLast: true))
        } catch {
            engine.logger.notice("leaving could not be told to the store; its row expires", metadata: ["error": "\(error)"])
        }
    }
}
