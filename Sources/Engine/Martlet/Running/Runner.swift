import Logging

/// Claims the jobs of one pool and runs them. Never writes: settlements go to the settler, live events to the event writer.
struct Runner: Sendable {
    let pool: String
    let kinds: [String]
    let engine: Engine
    let work: EngineWork
    let slots: PoolSlots
    /// Rung by a wake-up of the store, by a slot or a settlement that came free, and by a stop.
    let wake: Doorbell

    private var clock: any EngineClock { engine.environment.clock }
    /// A node that finds nothing asks more and more seldom, down to one poll of so many: wake-ups tell it, and a lost one costs that much at most.
    private static let quietMax = 5

    private var isRunning: Bool { engine.stopControl.moment == .running && !Task.isCancelled }

    /// Runs until the engine drains; returns when the last job of the pool is settled.
    func run() async {
        await withDiscardingTaskGroup { group in
            var backoff = Backoff()
            // Whether a claim may have happened whose answer was lost.
            var isUnsure = false
            var quiet = 1
            while isRunning {
                let room = slots.room()
                guard room > 0 else {
                    await wake.wait()
                    continue
                }
                do throws(StoreError) {
                    if isUnsure { try await releaseStrays() }
                    isUnsure = false
                    let claimed = try await claim(room)
                    backoff.succeeded()
                    for assignment in slots.admit(claimed.jobs.map { Assignment(claimed: $0, generation: claimed.generation) }) {
                        group.addTask { await occupySlot(with: assignment) }
                    }
                    if claimed.jobs.count < room {
                        if !claimed.jobs.isEmpty { quiet = 1 }
                        let poll = engine.configuration.pollInterval * quiet
                        let isRung = await wake.wait(atMost: min(claimed.nextDue ?? poll, poll), clock)
                        quiet = isRung ? 1 : min(quiet + 1, Self.quietMax)
                    }
                } catch {
                    if case .unavailable(_, mayHaveHappened: true) = error { isUnsure = true }
                    engine.logger.warning("claiming failed, will try again", metadata: ["pool": "\(pool)", "error": "\(error)"])
                    // The whole delay, whoever rings: a failing store is not asked faster because there is work.
                    await engine.stopControl.wait(for: .draining, atMost: backoff.failed(engine.environment), clock)
                }
            }
            for assignment in slots.takePrefetched() { finish(assignment, Settlement(assignment.claimed.lease, .released), nil) }
        }
        while !slots.isSettled, engine.stopControl.moment < .abandoned, !Task.isCancelled { await wake.wait() }
    }

    private func claim(_ room: Int) async throws(StoreError) -> Claimed {
        let queues = engine.configuration.queues.map { slots.room(in: $0) }
        if let queues, queues.isEmpty { return Claimed(jobs: [], nextDue: nil, generation: 0) }
        let plan = ClaimPlan(
            node: engine.configuration.node, kinds: kinds, queues: queues, limit: room, ttl: engine.configuration.leaseDuration)
        let claimed = try await engine.store.claim(plan)
        if !claimed.jobs.isEmpty { work.liveness.note(generation: claimed.generation) }
        return claimed
    }

    /// Gives back what the store says this pool holds and it does not know of: jobs of a claim whose answer was lost. This node is alive
    /// and would renew them for ever. Safe because a pool claims one at a time, so nothing is on its way meanwhile.
    private func releaseStrays() async throws(StoreError) {
        var query = JobQuery()
        query.phase = .running
        query.limit = Limits.pageMax
        repeat {
            let page = try await engine.store.jobs(query)
            let strays = page.jobs.filter { job in
                job.node == engine.configuration.node && kinds.contains(job.kind) && !slots.holds(job.id)
            }
            if !strays.isEmpty {
                engine.logger.notice("jobs of a lost claim are given back", metadata: ["pool": "\(pool)", "count": "\(strays.count)"])
                _ = try await engine.store.settle(strays.map { Settlement(Lease(job: $0.id, epoch: $0.epoch), .released) })
            }
            query.before = page.next
        } while query.before != nil
    }

    /// Runs this job, then prefetched ones for as long as there are any.
    private func occupySlot(with first: Assignment) async {
        var current: Assignment? = first
        while let assignment = current {
            let start = clock.uptime()
            let attempt = Attempt(assignment: assignment, engine: engine, work: work)
            let settlement = await attempt.run()
            current = slots.next(after: assignment, took: clock.uptime() - start)
            finish(assignment, settlement, attempt.running)
            wake.ring()
        }
    }

    private func finish(_ assignment: Assignment, _ settlement: Settlement?, _ running: RunningAttempt?) {
        let done: @Sendable (SettleResult) -> Void = { [engine, work, slots, wake] result in
            if let running { work.table.end(running) }
            slots.settled(assignment.job.id)
            wake.ring()
            work.metrics.settled(assignment.job, settlement, result)
            guard case .refused(let error) = result else { return }
            engine.logger.warning(
                "a settlement was refused", metadata: ["job": "\(assignment.job.id)", "kind": "\(assignment.job.kind)", "error": "\(error)"])
        }
        if let settlement {
            work.settler.submit(settlement, then: done)
        } else {
            done(.refused(.leaseLost(assignment.claimed.lease)))
        }
    }
}
