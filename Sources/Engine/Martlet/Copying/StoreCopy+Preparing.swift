import MartletCore

/// What stands around the jobs: pauses, policies, triggers, streams.
extension StoreCopy {
    /// Finds the copy that this run goes on with, or begins one.
    func begin(_ run: String) async throws -> (copy: String, isLive: Bool) {
        let known = try await CopyJournal.read(target)
        let copies = Set(known.copies)
        if let copy = try await CopyJournal.read(source).copies.last(where: copies.contains) {
            try await note(run, of: copy)
            return (copy, known.isStarted(copy))
        }
        try await note(run, of: run)
        try await checkTarget()
        try await CopyJournal.write(.run, [.init("copy", .string(run))], to: source)
        return (run, false)
    }

    /// A note in the one is a note in the other where both are the same.
    private func note(_ run: String, of copy: String) async throws {
        try await CopyJournal.write(.run, [.init("copy", .string(copy)), .init("run", .string(run))], to: target)
        if try await CopyJournal.read(source).knows(run: run) { throw CopyError.sameStore }
    }

    /// A target that is at work may not be paused by the way.
    private func checkTarget() async throws {
        let (theirs, ours) = (try await source.overview(), try await target.overview())
        let names = Set(theirs.queues.map(\.name))
        for queue in ours.queues where names.contains(queue.name) && !queue.isPaused {
            let unfinished = queue.counts.total - queue.counts.finished
            if unfinished > 0 { throw CopyError.targetServes(queue: queue.name, unfinished: unfinished) }
        }
        let schedules = Dictionary(uniqueKeysWithValues: theirs.triggers.map { ($0.name, $0.trigger.schedule) })
        for state in ours.triggers where schedules[state.name].map({ $0 != state.trigger.schedule }) == true {
            throw CopyError.triggerDiffers(state.name)
        }
    }

    /// Pauses every queue, and every trigger that fires by time; an event that comes still makes its jobs, which then wait. What was served is
    /// noted before.
    /// - Returns: whether there was anything to pause.
    func pauseSource(_ copy: String) async throws -> Bool {
        let overview = try await source.overview()
        let queues = overview.queues.filter { !$0.isPaused }.map(\.name)
        let triggers = overview.triggers.filter { !$0.trigger.isPaused && $0.trigger.isTimed }
        if queues.isEmpty, triggers.isEmpty { return false }
        let members: [JSON.Member] = [
            .init("copy", .string(copy)), .init("queues", .array(queues.map { .string($0) })),
            .init("triggers", .array(triggers.map { .string($0.name) })),
        ]
        try await CopyJournal.write(.paused, members, to: source)
        for queue in queues { _ = try await source.set(queue, .paused(true)) }
        for state in triggers {
            var trigger = state.trigger
            trigger.isPaused = true
            _ = try await source.put(trigger, named: state.name)
        }
        return true
    }

    /// Brings the target's queues and triggers to what they are at the source, all of them paused. Where it is at work, only what it lacks.
    func prepareTarget(_ theirs: Overview, isLive: Bool) async throws {
        let ours = try await target.overview()
        let queues = Dictionary(uniqueKeysWithValues: ours.queues.map { ($0.name, $0) })
        for queue in theirs.queues where !isLive || queues[queue.name] == nil {
            if !isLive, queues[queue.name]?.isPaused != true { _ = try await target.set(queue.name, .paused(true)) }
            if queues[queue.name]?.policy != queue.policy { _ = try await target.set(queue.name, .policy(queue.policy)) }
        }
        let triggers = Dictionary(uniqueKeysWithValues: ours.triggers.map { ($0.name, $0) })
        for state in theirs.triggers {
            let known = triggers[state.name]
            var trigger = state.trigger
            trigger.isPaused = true
            let isSame = known.map { $0.trigger == trigger && ($0.nextSlot, $0.lastSlot) == (state.nextSlot, state.lastSlot) } ?? false
            let isThere = isLive ? known != nil : isSame
            if isThere { continue }
            trigger.history = TriggerHistory(state)
            _ = try await target.put(trigger, named: state.name)
        }
    }

    /// Copies streams that belong to no job.
    func copyStreams(_ names: Set<String>, isLive: Bool) async throws -> (written: Int, diverged: [String]) {
        var written = 0
        var diverged: [String] = []
        // The streams of jobs go with their jobs.
        for name in names.sorted() where name != CopyJournal.stream && StreamName.job(in: name) == nil {
            let result = try await StreamCopy(name, from: source, to: target).run()
            written += result.written
            if result.hasDiverged { diverged.append(name) }
        }
        return (written, diverged)
    }

    /// Sets the target to work: what was served at the source before. Noted first, since from then on what the target has is its own.
    func start(_ copy: String, _ journal: CopyJournal) async throws {
        try await CopyJournal.write(.started, [.init("copy", .string(copy))], to: target)
        for queue in journal.pausedQueues.sorted() { _ = try await target.set(queue, .paused(false)) }
        let theirs = try await source.overview()
        let ours = try await target.overview()
        let triggers = Dictionary(uniqueKeysWithValues: ours.triggers.map { ($0.name, $0.trigger) })
        for state in theirs.triggers {
            guard var trigger = triggers[state.name], trigger.isPaused else { continue }
            if state.trigger.isPaused, !journal.pausedTriggers.contains(state.name) { continue }
            trigger.isPaused = false
            _ = try await target.put(trigger, named: state.name)
        }
    }
}

extension Trigger {
    fileprivate var isTimed: Bool {
        if case .topic = schedule { false } else { true }
    }
}
