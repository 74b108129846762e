/// What must hold at every instant of every run. 1 to 13 are the design's; the others follow from its rules.
public enum Invariant: Int, Sendable, CaseIterable {
    case epochsGrow = 1
    case onlyTheCurrentEpochWrites
    case finishedIsFinal
    case stepsAreWrittenOnce
    case streamsHaveNoGap
    case oneJobPerSlot
    case runningWithinLimits
    case ratesAreKept
    case settlementsAreWhole
    case nothingIsLost
    case badRowsHoldNothingBack
    case unknownKindsAreLeftAlone
    case effectsAreReconciled
    /// The job that kills its node is quarantined, and those that shared the node are not.
    case onlyTheGuiltyIsQuarantined
    /// Without a fault no body runs twice.
    case stepBodiesRunOnce
    /// A name belongs to one unfinished job at a time.
    case keysAreExclusive
    /// A stopped or cancelled engine returns.
    case enginesReturn
}
