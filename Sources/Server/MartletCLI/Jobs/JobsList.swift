import ArgumentParser
import MartletCore
import MartletHTTP

/// `martlet jobs list`.
struct JobsList: AsyncParsableCommand {
    static let configuration = CommandConfiguration(commandName: "list", abstract: "List jobs, newest first.")

    @Option(help: "ready, running, waiting or finished.") var phase: Phase?
    @Option(help: "succeeded, failed or cancelled.") var outcome: Outcome?
    @Option(help: "Of this kind.") var kind: String?
    @Option(help: "In this queue.") var queue: String?
    @Option(help: "Of this tenant.") var tenant: String?
    @Option(help: "With this idempotency key.") var key: String?
    @Option(help: "Made by this trigger.") var trigger: String?
    @Option(help: "Children of this job.") var parent: JobID?
    @Option(name: .customLong("label"), help: "With this label, as in team=video; may be repeated.") var labels: [NameValue] = []
    @Option(help: "At most so many.") var limit = 50
    @Option(help: "Only jobs with a smaller id: where the last list ended.") var before: JobID?
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func validate() throws {
        guard limit >= 1 else { throw ValidationError("--limit must be at least 1") }
    }

    func run() async throws {
        try await storeOptions.withStore { session in
            var query = JobQuery()
            (query.phase, query.outcome, query.kind, query.queue) = (phase, outcome, kind, queue)
            (query.tenant, query.key, query.trigger, query.parent) = (tenant, key, trigger, parent)
            (query.labels, query.before) = (labels.dictionary, before)
            let now = output.json ? .epoch : try await session.store.overview().now
            var table = JobTable.make()
            var left = limit
            repeat {
                query.limit = min(left, Limits.pageMax)
                let page = try await session.store.jobs(query)
                for job in page.jobs {
                    if output.json { session.terminal.say(WireJSON.job(job)) } else { JobTable.add(job, to: &table, now: now, session.terminal) }
                }
                left -= page.jobs.count
                query.before = page.next
            } while left > 0 && query.before != nil
            if !output.json { session.terminal.say(table) }
            if table.rows.isEmpty, !output.json { session.terminal.note("no jobs") }
            if let next = query.before { session.terminal.note("there are more: --before \(next)") }
        }
    }
}

extension Phase: ExpressibleByArgument {}
extension Outcome: ExpressibleByArgument {}
