import MartletCore

/// Six numbers: jobs by where they stand, each leading to the list of them.
struct CountFigures {
    let counts: Counts
    /// What the lists are further narrowed to.
    let filters: [(name: String, value: String)]

    static let states: [(word: String, field: String, phase: Phase, outcome: Outcome?)] = [
        ("ready", "phase", .ready, nil), ("running", "phase", .running, nil), ("waiting", "phase", .waiting, nil),
        ("succeeded", "outcome", .finished, .succeeded), ("failed", "outcome", .finished, .failed), ("cancelled", "outcome", .finished, .cancelled),
    ]

    var values: [PageValues] {
        Self.states.map { state in
            [
                "figureWord": state.word, "figureClass": state.word, "figureNumber": NumberText.grouped(counts[state.phase, state.outcome]),
                "figureHref": PageLink.jobs(filters + [(state.field, state.word)]),
            ]
        }
    }
}
