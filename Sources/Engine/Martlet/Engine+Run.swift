import Logging
import ServiceLifecycle

extension Engine {
    /// Runs jobs until stopped: by `stop()`, by a graceful shutdown of the service group, or by cancellation of the task.
    ///
    /// Returns when everything that could be settled is settled. A handler that ignores its cancellation keeps this from returning; see
    /// `waitUntilAbandoned()`.
    public func run() async {
        await withGracefulShutdownHandler {
            let work = EngineWork(
                table: table,
                settler: Settler(store: store, environment: environment, logger: logger),
                events: EventWriter(store: store, environment: environment, logger: logger),
                liveness: Liveness(engine: self, table: table),
                metrics: EngineMetrics(environment: environment))
            logger.info("the engine runs", metadata: ["node": "\(configuration.node)", "kinds": "\(kinds.count)"])
            // The settler and the writer are outermost: they outlive every job.
            await withTaskGroup(of: Void.self) { services in
                services.addTask { await self.hub.run() }
                services.addTask { await work.settler.run() }
                services.addTask { await work.events.run() }
                services.addTask { await self.leaseReleases.run() }
                if configuration.roles.contains(.worker) { services.addTask { await work.liveness.run() } }
                await runLoops(work)
                await work.events.flush()
                services.cancelAll()
            }
            if configuration.roles.contains(.worker) { await work.liveness.leave() }
            logger.info("the engine has stopped", metadata: ["node": "\(configuration.node)"])
        } onGracefulShutdown: {
            self.stop()
        }
    }

    /// Returns when a stop has waited long enough for jobs that do not return. What is left to do then is to exit the process: their leases
    /// expire, and the jobs run again elsewhere.
    public func waitUntilAbandoned() async {
        await stopControl.wait(for: .abandoned, environment.clock)
    }

    /// The loops that end by themselves when the engine stops.
    private func runLoops(_ work: EngineWork) async {
        await withTaskGroup(of: Void.self) { loops in
            loops.addTask { await DeadlineKeeper(table: work.table, clock: self.environment.clock).run() }
            loops.addTask { await self.passMoments(work) }
            if configuration.roles.contains(.triggers) {
                stopControl.listen(triggersChanged)
                let news = Doorbell()
                hub.ringOnWork(news)
                loops.addTask { await TriggerClock(engine: self, changed: self.triggersChanged, news: news).run() }
                loops.addTask { await Pruner(engine: self).run() }
            }
            if configuration.roles.contains(.worker) { await run(pools: work) } else { await stopControl.wait(for: .draining, environment.clock) }
            // Nothing runs any more: the remaining moments pass at once.
            stopControl.reach(.draining)
            loops.cancelAll()
        }
    }

    private func run(pools work: EngineWork) async {
        let handlersByPool = Dictionary(grouping: handlers.all) { $0.options.pool ?? "default" }
        await withTaskGroup(of: Void.self) { group in
            for (pool, handlers) in handlersByPool.sorted(by: { $0.key < $1.key }) {
                let capacity = pool == "default" ? configuration.concurrency : configuration.pools[pool] ?? configuration.concurrency
                let wake = Doorbell()
                hub.ringOnWork(wake)
                stopControl.listen(wake)
                let runner = Runner(
                    pool: pool, kinds: handlers.map(\.kind), engine: self, work: work, slots: PoolSlots(capacity: capacity), wake: wake)
                group.addTask { await runner.run() }
            }
            // An engine without handlers has nothing to run and still fires triggers and answers readers until it is stopped.
            if handlersByPool.isEmpty { group.addTask { await self.stopControl.wait(for: .draining, self.environment.clock) } }
        }
    }

    /// Moves a stop from moment to moment when its time is up.
    private func passMoments(_ work: EngineWork) async {
        let clock = environment.clock
        await stopControl.wait(for: .draining, clock)
        if Task.isCancelled { return }
        logger.info("draining", metadata: ["running": "\(work.table.count)"])
        await stopControl.wait(for: .cancelled, atMost: configuration.grace, clock)
        if Task.isCancelled { return }
        stopControl.reach(.cancelled)
        logger.info("cancelling the jobs that still run; they are requeued", metadata: ["running": "\(work.table.count)"])
        work.table.stopAll(.shutdown)
        await stopControl.wait(for: .abandoned, atMost: configuration.cancellationLimit, clock)
        if Task.isCancelled { return }
        stopControl.reach(.abandoned)
        logger.error("jobs ignore their cancellation; their leases expire", metadata: ["running": "\(work.table.count)"])
    }

    /// Cancels a job: at once where it is ready, waiting, or running in this process; within a heartbeat where it runs in another.
    /// - Throws: `StoreError.notFound`; `wrongPhase` for a finished job.
    @discardableResult
    public func cancel(_ id: JobID) async throws(StoreError) -> JobRecord {
        let job = try await store.cancel(id)
        if job.phase == .running, let attempt = table[id], attempt.lease.epoch == job.epoch { attempt.stop(.cancelRequested) }
        return job
    }

    /// Creates or replaces a trigger, or removes it, and lets the trigger clock of this engine know at once.
    @discardableResult
    public func put(_ trigger: Trigger?, named name: String) async throws -> TriggerState? {
        if let fault = trigger?.fault { throw fault }
        let state = try await store.put(trigger, named: name)
        triggersChanged.ring()
        return state
    }
}
