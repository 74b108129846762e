/// Ways in which a store can be broken that a suite must notice.
public enum StoreDefect: String, Sendable, CaseIterable {
    case keepsEpochs, forgetsEpochs, settlesTwice, leavesFinished, overwritesSteps, recordsStepByStep
    case dropsEventNumbers, repeatsEvents, losesTypes
    case firesTwice, ignoresFilters
    case ignoresLimits, exceedsTheLimit, ignoresRates, ignoresPauses, overdrawsBuckets
    case losesChildren, tearsSettlements
    case losesJobs, failsWholeBatches, claimsUnknownKinds, ignoresDepartures, hidesCancellations, forgetsDeadlines, forgetsIntents, asksBackAtOnce
    case forgetsHistories, renumbersEvents, restartsTriggers
    case leaksKeys, forgetsKeys, forgetsPriorities, forgetsTenants, prunesTooEarly

    /// The invariant that it breaks; `nil` where it breaks an edge of the semantics alone.
    public var invariant: Int? {
        switch self {
        case .keepsEpochs, .forgetsHistories: 1
        case .forgetsEpochs, .settlesTwice, .hidesCancellations: 2
        case .leavesFinished: 3
        case .overwritesSteps, .recordsStepByStep: 4
        case .dropsEventNumbers, .repeatsEvents, .prunesTooEarly, .renumbersEvents: 5
        case .firesTwice, .restartsTriggers: 6
        case .ignoresLimits, .exceedsTheLimit: 7
        case .ignoresRates, .overdrawsBuckets: 8
        case .losesChildren, .tearsSettlements: 9
        case .losesJobs, .ignoresDepartures, .forgetsDeadlines, .ignoresPauses: 10
        case .failsWholeBatches: 11
        case .claimsUnknownKinds: 12
        case .forgetsIntents: 13
        case .losesTypes, .ignoresFilters, .leaksKeys, .forgetsKeys, .forgetsPriorities, .forgetsTenants, .asksBackAtOnce: nil
        }
    }
}
