import MartletCore

/// The facts of a job, by name: the values of the job page's list.
struct JobFacts {
    let job: JobRecord
    let time: TimeText

    private static let priorities = ["0, urgent", "1, high", "2, standard", "3, low"]

    var values: [PageValues] { identity + times + bounds }

    private var identity: [PageValues] {
        var facts = [
            fact("Queue", job.queue, href: PageLink.queue(job.queue)), fact("Attempt", "\(job.attempt) of \(job.maxAttempts)"),
            fact("Priority", Self.priorities[job.priority.level]),
        ]
        if !job.tenant.isEmpty { facts.append(fact("Tenant", job.tenant, href: PageLink.jobs([("tenant", job.tenant)]))) }
        if let key = job.key { facts.append(fact("Key", key, href: PageLink.jobs([("key", key)]))) }
        if let trigger = job.trigger { facts.append(fact("Trigger", trigger, href: PageLink.trigger(trigger))) }
        if let parent = job.parent {
            facts.append(fact("Parent", "…\(parent.job.description.suffix(8)), group \(parent.group)", href: PageLink.job(parent.job)))
        }
        return facts
    }

    private var times: [PageValues] {
        var facts = [fact("Created", at: job.createdAt)]
        if job.phase == .ready { facts.append(fact("Due", at: job.dueAt)) }
        if let started = job.startedAt {
            facts.append(fact("Started", at: started))
            if let finished = job.finishedAt {
                facts.append(fact("Took", TimeText.exact(finished - started)))
            } else if job.phase == .running {
                facts.append(fact("Running for", TimeText.exact(time.now - started)))
            }
        }
        if let finished = job.finishedAt { facts.append(fact("Finished", at: finished)) }
        return facts
    }

    private var bounds: [PageValues] {
        var facts: [PageValues] = []
        if let timeout = job.timeout { facts.append(fact("Time limit", TimeText.exact(timeout))) }
        if let timeout = job.queueTimeout { facts.append(fact("Must start within", TimeText.exact(timeout))) }
        if let node = job.node {
            let name = NodeName(node)
            facts.append(fact(job.phase == .running ? "Node" : "Last node", name.text, title: node.name))
        }
        if job.epoch > 0 { facts.append(fact("Lease", "epoch \(job.epoch)")) }
        if job.deaths > 0 { facts.append(fact("Deaths of its process", String(job.deaths))) }
        return facts
    }

    private func fact(_ name: String, _ text: String, href: String? = nil, title: String? = nil) -> PageValues {
        ["factName": name, "factText": text, "factHref": href.orFalse, "factTime": false, "factTitle": title.orFalse]
    }

    private func fact(_ name: String, at instant: Timestamp) -> PageValues {
        ["factName": name, "factText": "", "factHref": false, "factTime": time.values(instant), "factTitle": false]
    }
}
