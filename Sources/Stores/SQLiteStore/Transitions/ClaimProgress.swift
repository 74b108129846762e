import MartletCore

/// What a claim has taken so far.
struct ClaimProgress {
    let plan: ClaimPlan
    /// Whether the node runs a suspect by now: it runs one at a time.
    var runsSuspect: Bool
    var taken: [ClaimedJob] = []
}
