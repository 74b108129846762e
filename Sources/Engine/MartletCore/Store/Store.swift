/// The contract between the engine and whatever keeps its data: twenty requirements, each one whole state transition and atomic.
///
/// Callers pass durations, never "now": the store's clock is the only authority for leases and due times. There are no default
/// implementations, no associated types and no capability flags; what one store cannot do leaves the contract.
/// `MemoryStore` is its executable specification, `StoreConformance` its proof.
public protocol Store: Sendable {
    /// Accepts jobs, each on its own (invariant 11): one that cannot be written is `refused` and holds back no other.
    /// The answers stand in the order of `jobs`; two jobs of one call may collide with each other like jobs of two calls. A job with a
    /// `history` is adopted as it stood in another store: one that is there already is `duplicate`, `replaced` only where it gives way.
    /// - Throws: only what concerns all of them (`unavailable`, `corrupt`, or `invalid` for more than `Limits.batch`).
    func enqueue(_ jobs: [NewJob]) async throws(StoreError) -> [Enqueued]

    /// First sweeps (see `sweep` below), then hands out due jobs: epoch + 1, attempt + 1, phase `running`. Respects pause, limits, rates,
    /// tenants' shares (`FairShare`), priorities with ageing (`Priority.rank`), and that a node runs one suspect at a time.
    /// Jobs of kinds that the plan does not name are left alone (invariant 12).
    ///
    /// *Sweep*: jobs of nodes and leases that have expired go back to `ready` at once, or to `finished` by
    /// `Quarantine`; ready jobs past their queue timeout fail; waiting jobs past their deadline become ready. At most 1000 of each a call.
    func claim(_ plan: ClaimPlan) async throws(StoreError) -> Claimed

    /// Extends a node's liveness and single leases, declares nodes dead that the caller knows to be gone, and sweeps.
    func renew(_ heartbeat: Heartbeat) async throws(StoreError) -> Renewal

    /// Writes steps under a lease, all or none. A step that is `done` is never overwritten: the stored one is returned in its place.
    /// - Throws: `leaseLost`; `invalid`, `tooLarge`.
    func record(_ steps: [NewStep], under lease: Lease) async throws(StoreError) -> [Step]

    /// Ends attempts, each on its own: outcome, steps, events and children of one settlement become visible together or not at all
    /// (invariant 9). Repeating a settlement answers `alreadySettled` and changes nothing.
    func settle(_ settlements: [Settlement]) async throws(StoreError) -> [SettleResult]

    /// `ready` and `waiting` jobs finish at once; a `running` one is asked to stop (the next `renew` of its holder says so).
    /// - Throws: `notFound`; `wrongPhase` for a finished job.
    func cancel(_ job: JobID) async throws(StoreError) -> JobRecord

    /// Makes a finished job ready again, with a fresh count of attempts and deaths; its steps are kept.
    /// - Throws: `notFound`; `wrongPhase` unless finished; `keyTaken` where its key has gone to another job meanwhile.
    func revive(_ job: JobID) async throws(StoreError) -> JobRecord

    /// Appends events in order, each on its own; in the same transaction waiters are released and topic triggers fire. An event with a
    /// `history` keeps its number and time, fires nothing, and is answered with its number where it is there already.
    func append(_ events: [NewEvent]) async throws(StoreError) -> [Appended]

    /// The events of a stream with a sequence number above `after`, oldest first, at most `limit` (and at most `Limits.eventPageMax`).
    func read(_ stream: String, after: Int, limit: Int) async throws(StoreError) -> EventPage

    /// Creates or replaces a trigger, or removes it (`nil`). A replaced trigger whose schedule is unchanged keeps its slots; one with a
    /// `history` takes over slots and revision from it.
    func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState?

    /// Fires a time trigger by compare-and-set: the trigger's next slot must be `plan.slot` and its revision `plan.revision`, and the slot
    /// must have come in the store's time; then the jobs are enqueued under the trigger's overlap policy and the slot moves to `plan.next`.
    func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult

    /// Creates or changes a queue.
    func set(_ queue: String, _ change: QueueChange) async throws(StoreError) -> QueueState

    /// Takes `count` from a named bucket, or says when they will be there. Buckets come into being when first named.
    func take(_ count: Int, from bucket: String, _ rate: Rate) async throws(StoreError) -> TakeResult

    /// Acquires a named lease, or extends it for the owner that holds it (same epoch). Epochs of a name only grow, across releases too.
    func acquire(_ name: String, owner: String, for ttl: Duration) async throws(StoreError) -> AcquireResult

    /// Gives a named lease back. `false` where `epoch` is not the current one.
    func release(_ name: String, epoch: Int) async throws(StoreError) -> Bool

    /// Jobs that match, newest first by id.
    func jobs(_ query: JobQuery) async throws(StoreError) -> JobPage

    /// One job with its steps, or `nil`.
    func job(_ id: JobID) async throws(StoreError) -> JobDetail?

    /// Queues with their counts, triggers, nodes and kinds, and the store's time.
    func overview() async throws(StoreError) -> Overview

    /// Removes up to `limit` finished jobs past their queue's retention, with their steps and streams, and events of other streams
    /// (but `audit`) older than `eventRetention`. Never blocks other transitions for long: call again while `hasMore`.
    func prune(limit: Int, eventRetention: Duration) async throws(StoreError) -> PruneResult

    /// Hints that something changed, from this process and, where the store can, from others. Conflated, droppable, repeatable:
    /// losing every one of them costs latency, never work.
    func wakeups() -> AsyncStream<Wakeup>
}
