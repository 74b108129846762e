import MartletCore

/// Moves everything from one store to another while both are up.
///
/// The source is paused, queues and time triggers, and stays so: no job that is read as ready can start there any more. The target is
/// paused from before the first job comes until it is started, and only once a whole pass has found every job of the source at the target
/// as it is. So no job is run by both. Passes are repeated for what still ended, came or changed meanwhile; a job that runs is waited for.
/// Whatever moment a copy is killed at, the source has everything, and another run goes on.
package struct StoreCopy: Sendable {
    package struct Options: Sendable {
        /// Sets the target to work once everything is there.
        package var startsTarget = false
        /// Only says what would be copied.
        package var isRehearsal = false
        /// How long to wait for jobs that run at the source.
        package var patience: Duration = .seconds(60)
        /// Streams to copy besides those that jobs, queues and triggers name.
        package var streams: [String] = []

        package init() {}
    }

    /// A store has no list of its streams, leases and buckets: the first are copied where they are named, the others not at all.
    static let lease = "copy"
    private static let leaseTime: Duration = .seconds(9)
    private static let passesMax = 20
    private static let interval: Duration = .milliseconds(200)
    /// A claim that was under way when its queue was paused has ended by then.
    private static let settlingTime: Duration = .seconds(1)

    let source: any Store
    let target: any Store
    private let environment: Environment
    private let options: Options
    private let show: @Sendable (CopyProgress) -> Void

    package init(
        from source: any Store, to target: any Store, options: Options, environment: Environment,
        show: @escaping @Sendable (CopyProgress) -> Void = { _ in }
    ) {
        self.source = source
        self.target = target
        self.options = options
        self.environment = environment
        self.show = show
    }

    /// - Throws: `CopyError`, `StoreError`.
    package func run() async throws -> CopyReport {
        if options.isRehearsal { return try await rehearse() }
        let owner = environment.makeJobID().description
        let epoch = try await takeLease(owner)
        do {
            let report = try await underLease(owner)
            _ = try await target.release(Self.lease, epoch: epoch)
            return report
        } catch {
            _ = try await target.release(Self.lease, epoch: epoch)
            throw error
        }
    }

    private func underLease(_ owner: String) async throws -> CopyReport {
        let report = try await withThrowingTaskGroup(of: CopyReport?.self) { group in
            group.addTask { try await work(owner) }
            group.addTask {
                try await keepLease(owner)
                return nil
            }
            let first = try await group.next()
            group.cancelAll()
            return first ?? nil
        }
        guard let report else { throw CopyError.lostLease }
        return report
    }

    // MARK: One copy at a time

    /// One that was killed leaves its lease behind for some seconds.
    private func takeLease(_ owner: String) async throws -> Int {
        let start = environment.clock.uptime()
        while true {
            switch try await target.acquire(Self.lease, owner: owner, for: Self.leaseTime) {
            case .granted(let epoch): return epoch
            case .held(let holder, _):
                guard environment.clock.uptime() - start < Self.leaseTime * 2 else { throw CopyError.busy(owner: holder) }
                try await environment.clock.sleep(for: Self.interval)
            }
        }
    }

    private func keepLease(_ owner: String) async throws {
        while true {
            try await environment.clock.sleep(for: Self.leaseTime / 3)
            guard case .granted = try await target.acquire(Self.lease, owner: owner, for: Self.leaseTime) else { throw CopyError.lostLease }
        }
    }

    // MARK: The work

    private func rehearse() async throws -> CopyReport {
        let overview = try await source.overview()
        var pass = CopyPass(
            from: source, to: target, held: Set(overview.queues.map(\.name)), isLive: false, isRehearsal: true)
        let total = overview.total
        try await pass.run { pass in show(CopyProgress(stage: .walking(pass: 1), done: pass.looked, total: total, copied: pass.adopted)) }
        var report = CopyReport()
        (report.copied, report.passes) = (pass.adopted, 1)
        report.triggers = overview.triggers.map(\.name)
        if pass.refused > 0 { throw CopyError.refused(count: pass.refused, examples: pass.examples) }
        report.queues = pass.queues
        return report
    }

    private func work(_ run: String) async throws -> CopyReport {
        let (copy, isLive) = try await begin(run)
        var report = CopyReport()
        report.wasLive = isLive
        // What an earlier run has paused is settled: its lease has ended since.
        let isPausedNow = try await pauseSource(copy)
        let pausedAt = isPausedNow ? environment.clock.uptime() : nil
        try await waitForRunning()
        try await passes(copy, pausedAt, isLive: isLive, &report)
        try await CopyJournal.write(
            .verified, [.init("copy", .string(copy)), .init("jobs", .integer(report.jobs))], to: target)
        let journal = try await CopyJournal.read(source)
        (report.heldQueues, report.heldTriggers) = (journal.pausedQueues.sorted(), journal.pausedTriggers.sorted())
        if options.startsTarget {
            try await start(copy, journal)
            report.isStarted = true
        }
        return report
    }

    /// Until a whole pass finds everything at the target as it is at the source.
    private func passes(_ copy: String, _ firstPause: Duration?, isLive: Bool, _ report: inout CopyReport) async throws {
        var pausedAt = firstPause
        var streams = Set(options.streams)
        var differing = 0
        while true {
            if try await pauseSource(copy) { pausedAt = environment.clock.uptime() }
            try await sweepSource()
            let begun = environment.clock.uptime()
            let (pass, written) = try await self.pass(&report, &streams, isLive: isLive)
            if pass.refused > 0, pass.adopted == 0, pass.waiting == 0 { throw CopyError.refused(count: pass.refused, examples: pass.examples) }
            if pass.isClean, written == 0 {
                if pausedAt.map({ begun - $0 >= Self.settlingTime }) ?? true {
                    if try await isWhole(report) { return }
                    differing += 1
                    if differing == Self.passesMax { throw CopyError.countsDiffer(found: report.jobs) }
                }
                try await environment.clock.sleep(for: Self.interval)
            } else if pass.waiting > 0, pass.adopted == 0 {
                try await waitForRunning()
                let running = try await source.overview().running
                if running > 0 { throw CopyError.stillRunning(running) }
            } else {
                report.passes += 1
                if report.passes == Self.passesMax { throw CopyError.stillChanging(pass.adopted + pass.events + written) }
            }
        }
    }

    private func pass(
        _ report: inout CopyReport, _ streams: inout Set<String>, isLive: Bool
    ) async throws -> (pass: CopyPass, written: Int) {
        let overview = try await source.overview()
        try await prepareTarget(overview, isLive: isLive)
        // A queue that has come into being since is for the next pass.
        let held = overview.queues.filter(\.isPaused).map(\.name)
        var pass = CopyPass(from: source, to: target, held: Set(held), isLive: isLive)
        let (number, total, copied) = (report.passes + 1, overview.total, report.copied)
        try await pass.run { pass in
            show(CopyProgress(stage: .walking(pass: number), done: pass.looked, total: total, copied: copied + pass.adopted))
        }
        streams.formUnion(pass.awaited)
        let named = try await copyStreams(streams.union(overview.streams), isLive: isLive)
        (report.divergedStreams, report.triggers, report.queues) = (named.diverged, overview.triggers.map(\.name), pass.queues)
        report.copied += pass.adopted
        report.events += pass.events + named.written
        return (pass, named.written)
    }

    /// Whether what was counted is what the source says it has.
    private func isWhole(_ report: CopyReport) async throws -> Bool {
        try await source.overview().queues.allSatisfy { $0.counts == report.queues[$0.name] ?? Counts() }
    }

    private func waitForRunning() async throws {
        let deadline = environment.clock.uptime() + options.patience
        while environment.clock.uptime() < deadline {
            try await sweepSource()
            let overview = try await source.overview()
            if overview.running == 0 { return }
            show(CopyProgress(stage: .waitingForRunning(overview.running), done: 0, total: overview.total, copied: 0))
            try await environment.clock.sleep(for: Self.interval)
        }
    }

    /// Jobs whose node is gone go back; nobody else may be left to see it.
    private func sweepSource() async throws(StoreError) {
        _ = try await source.renew(Heartbeat(node: NodeID("copy"), isLast: true))
    }
}

extension Overview {
    fileprivate var total: Int { queues.reduce(0) { $0 + $1.counts.total } }
    fileprivate var running: Int { queues.reduce(0) { $0 + $1.counts.running } }

    /// The streams that it names.
    fileprivate var streams: Set<String> {
        var streams = Set(queues.map { StreamName.queue($0.name) })
        streams.insert(StreamName.audit)
        for state in triggers { if case .topic(let stream, _) = state.trigger.schedule { streams.insert(stream) } }
        return streams
    }
}
