import MartletCore

/// Where a job stands, as far as its lane counts it.
struct Standing {
    var phase: Phase
    var outcome: Outcome?
    var dueAt: Timestamp
    var isSuspect: Bool
}
