/// A known way to break the store. A simulation that does not notice is worth nothing.
public enum Mutation: String, Sendable, CaseIterable {
    case forgetsEpochs = "forgets-epochs"
    case repeatsEpochs = "repeats-epochs"
    case resurrects
    case rewritesSteps = "rewrites-steps"
    case skipsEvents = "skips-events"
    case firesTwice = "fires-twice"
    case ignoresLimits = "ignores-limits"
    case ignoresRates = "ignores-rates"
    case dropsSettledEvents = "drops-settled-events"
    case dropsSettledSteps = "drops-settled-steps"
    case losesJobs = "loses-jobs"
    case losesChildren = "loses-children"
    case neverExpires = "never-expires"
    /// Wake-ups are lost, and nobody asks by himself.
    case losesWakeupsAndPolls = "loses-wakeups-and-polls"
    case failsBatches = "fails-batches"
    case handsOutAnything = "hands-out-anything"
    case forgetsIntents = "forgets-intents"
    case blamesEverybody = "blames-everybody"
    case forgetsSteps = "forgets-steps"

    /// The invariants one of which notices.
    public var breaks: Set<Invariant> {
        switch self {
        case .forgetsEpochs: [.onlyTheCurrentEpochWrites, .finishedIsFinal]
        case .repeatsEpochs: [.epochsGrow, .onlyTheCurrentEpochWrites, .nothingIsLost]
        case .resurrects: [.finishedIsFinal]
        case .rewritesSteps: [.stepsAreWrittenOnce]
        case .skipsEvents: [.streamsHaveNoGap]
        case .firesTwice: [.oneJobPerSlot]
        case .ignoresLimits: [.runningWithinLimits]
        case .ignoresRates: [.ratesAreKept]
        case .dropsSettledEvents, .dropsSettledSteps: [.settlementsAreWhole, .nothingIsLost]
        case .losesJobs, .losesChildren, .neverExpires, .losesWakeupsAndPolls: [.nothingIsLost]
        case .failsBatches: [.badRowsHoldNothingBack]
        case .handsOutAnything: [.unknownKindsAreLeftAlone]
        case .forgetsIntents: [.effectsAreReconciled]
        case .blamesEverybody: [.onlyTheGuiltyIsQuarantined]
        case .forgetsSteps: [.stepsAreWrittenOnce, .stepBodiesRunOnce]
        }
    }
}
