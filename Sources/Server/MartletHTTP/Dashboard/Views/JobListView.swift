import MartletCore

/// The list of jobs.
struct JobListView: PageView {
    let filter: JobFilter
    let page: JobPage
    let overview: Overview
    let example: ExampleCommand
    /// Whether the reader may know of more than the jobs on the page: how many there are, and what queues and kinds.
    let hasCounts: Bool

    static let template = "jobs"
    let title = "Jobs"
    let section = "/jobs"
    let refreshSeconds: Int? = 3

    private static let suggestionsMax = 200

    var values: PageValues {
        var values: PageValues = [
            "filterText": filter.linkedText.orFalse, "tabs": tabs,
            "filterKept": filter.kept.map { ["keptName": $0.name, "keptValue": $0.value] as PageValues },
            "filterQueue": filter.text("queue"), "filterKind": filter.text("kind"), "filterTenant": filter.text("tenant"),
            "filterLabel": filter.text("label"), "filterKey": filter.text("key"), "filterFault": filter.fault.orFalse,
            "queueNames": hasCounts ? overview.queues.prefix(Self.suggestionsMax).map(\.name) : [],
            "kindNames": hasCounts ? overview.kinds.prefix(Self.suggestionsMax).map(\.name) : [], "isFiltered": filter.isFiltered,
            "isPartial": page.next != nil, "exampleCommand": example.enqueue(),
            "newestHref": filter.query.before == nil ? false : filter.page(before: nil),
            "olderHref": page.next.map { filter.page(before: $0) }.orFalse,
        ]
        values.merge(JobRows(jobs: page.jobs, caption: "Jobs, newest first", time: TimeText(now: overview.now)).values) { $1 }
        return values
    }

    private var tabs: [PageValues] {
        let counts = hasCounts ? filter.counts(overview) : nil
        let (phase, outcome) = (filter.query.phase, filter.query.outcome)
        let all: PageValues = [
            "tabLabel": "All", "tabHref": PageLink.jobs(filter.narrowing), "tabCurrent": phase == nil && outcome == nil,
            "tabCount": counts.map { NumberText.grouped($0.total) }.orFalse,
        ]
        return [all]
            + CountFigures.states.map { state in
                [
                    "tabLabel": state.word.prefix(1).uppercased() + state.word.dropFirst(),
                    "tabHref": PageLink.jobs(filter.narrowing + [(state.field, state.word)]),
                    "tabCurrent": state.outcome == nil ? phase == state.phase && outcome == nil : outcome == state.outcome,
                    "tabCount": counts.map { NumberText.grouped($0[state.phase, state.outcome]) }.orFalse,
                ]
            }
    }
}
