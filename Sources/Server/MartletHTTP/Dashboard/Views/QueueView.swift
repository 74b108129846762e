import MartletCore

/// One queue: what it may do, what it holds.
struct QueueView: PageView {
    let queue: QueueState
    let jobs: JobPage
    let now: Timestamp
    let example: ExampleCommand
    /// What somebody has just typed, and what is wrong with it.
    var refused: (texts: [String: String], reason: String)?

    static let template = "queue"
    var title: String { "Queue \(Limits.cut(queue.name, to: 60))" }
    let section = "/"
    let refreshSeconds: Int? = 3

    var values: PageValues {
        let filters = [(name: "queue", value: queue.name)]
        var values = QueueRow(queue: queue).values
        values["figures"] = CountFigures(counts: queue.counts, filters: filters).values
        values["policyFields"] = PolicyForm.values(refused?.texts ?? PolicyForm.texts(queue.policy))
        values["policyFault"] = (refused?.reason).orFalse
        values["policyAction"] = "\(PageLink.queue(queue.name))/policy"
        values["queueRawHref"] = PageLink.rawQueue(queue.name)
        values["allHref"] = PageLink.jobs(filters)
        values["exampleCommand"] = example.enqueue(queue: queue.name)
        values.merge(JobRows(jobs: jobs.jobs, caption: "Newest jobs of this queue", time: TimeText(now: now)).values) { $1 }
        return values
    }
}
