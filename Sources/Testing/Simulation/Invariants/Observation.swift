import MartletCore

/// What the store did, seen at the store: in the order of its effects, whatever the callers came to hear of it.
enum Observation: Sendable {
    case enqueued([NewJob], [Enqueued])
    case claimed(ClaimPlan, Claimed)
    case recorded([NewStep], Lease, [Step])
    case settled([Settlement], [SettleResult])
    case cancelled(JobRecord)
    case revived(JobRecord)
    case appended([NewEvent], [Appended])
    case fired(FirePlan, FireResult)
    /// Every job there is, at one instant.
    case snapshot([JobRecord])
    /// What a reader that follows a stream through the hub has got next.
    case tailed(reader: String, Event)
}
