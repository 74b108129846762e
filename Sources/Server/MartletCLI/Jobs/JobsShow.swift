import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet jobs show`.
struct JobsShow: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "show", abstract: "Show one job: its payload, steps, and what it said last.")

    @Argument(help: "The job's id.") var id: JobID
    @Option(help: "How many of its last events to show.") var events = 10
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func validate() throws {
        guard (0...1000).contains(events) else { throw ValidationError("--events must be from 0 to 1000") }
    }

    func run() async throws {
        try await storeOptions.withStore { session in
            guard let detail = try await session.store.job(id) else { throw StoreError.notFound("job \(id)") }
            if output.json {
                session.terminal.say(WireJSON.detail(detail))
                return
            }
            let now = try await session.store.overview().now
            show(detail, now: now, session.terminal)
            try await showEvents(session, now: now)
        }
    }

    private func show(_ detail: JobDetail, now: Timestamp, _ terminal: Terminal) {
        let job = detail.job
        terminal.say(facts: facts(of: job, now: now))
        guard !detail.steps.isEmpty else { return }
        terminal.say("")
        var table = Table([.text("STEP"), .text("STATE"), .text("WHEN"), .flexible("RESULT")])
        for step in detail.steps {
            table.add([step.name, step.state.rawValue, Wording.relative(step.recordedAt, now: now), step.result.text])
        }
        terminal.say(table)
    }

    private func facts(of job: JobRecord, now: Timestamp) -> [(name: String, value: String)] {
        func time(_ time: Timestamp) -> String { "\(time) (\(Wording.relative(time, now: now)))" }
        var facts = [
            (name: "id", value: job.id.description), ("kind", job.kind), ("queue", job.queue), ("state", JobTable.state(of: job, now: now)),
            ("attempt", "\(job.attempt) of \(job.maxAttempts)"), ("priority", "\(job.priority.level)"), ("created", time(job.createdAt)),
        ]
        if !job.tenant.isEmpty { facts.append(("tenant", job.tenant)) }
        if job.phase == .ready { facts.append(("due", time(job.dueAt))) }
        if let started = job.startedAt { facts.append(("started", time(started))) }
        if let finished = job.finishedAt { facts.append(("finished", time(finished))) }
        if let key = job.key { facts.append(("key", key)) }
        if !job.labels.isEmpty {
            facts.append(("labels", job.labels.sorted { $0.key < $1.key }.map { "\($0.key)=\($0.value)" }.joined(separator: " ")))
        }
        if let trigger = job.trigger { facts.append(("trigger", trigger)) }
        if let parent = job.parent { facts.append(("parent", "\(parent.job) (\(parent.group))")) }
        if let timeout = job.timeout { facts.append(("timeout", Wording.duration(timeout))) }
        if let node = job.node { facts.append(("node", node.name)) }
        if let wait = job.wait { facts.append(("waits for", JobTable.text(of: wait))) }
        if let progress = job.progress { facts.append(("progress", "\(Int(progress.fraction * 100)) % \(progress.message ?? "")")) }
        if let error = job.error { facts.append(("error", "\(error.kind): \(error.message)")) }
        if let result = job.result { facts.append(("result", result.text)) }
        facts.append(("payload", job.payload.text))
        return facts
    }

    private func showEvents(_ session: StoreSession, now: Timestamp) async throws {
        guard events > 0 else { return }
        let stream = StreamName.job(id)
        let end = try await session.store.read(stream, after: 0, limit: 1).last
        let page = try await session.store.read(stream, after: max(0, end - events), limit: events)
        guard !page.events.isEmpty else { return }
        session.terminal.say("")
        for event in page.events { session.terminal.say(EventLine.text(event)) }
        if end > page.events.count { session.terminal.note("\(end - page.events.count) earlier events: jobs tail \(id)") }
    }
}
