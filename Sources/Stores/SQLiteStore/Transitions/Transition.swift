import Database
import MartletCore

/// The rules of `Semantics.md` on the tables: what the operations of one transaction of the writer work with. One file for each verb.
///
/// Every change of a job's row goes through `save` or one of the named short cuts beside it, which keep the ledger's counts true.
final class Transition: WriteScope {
    let connection: Connection
    let jobs: JobReader
    let random: any RandomSource
    var ledger: Ledger
    /// The store's time, read once for each operation.
    private(set) var now = Timestamp.epoch

    private let fanout: WakeupFanout
    /// Whether anybody would read the names of what changed.
    private let isWatched: Bool
    private var hint = Wakeup(work: false)

    /// More names than this in one hint are not worth making.
    private static let namesMax = 1000

    init(_ connection: Connection, _ ledger: Ledger?, random: any RandomSource, fanout: WakeupFanout) throws {
        self.connection = connection
        jobs = JobReader(connection: connection)
        self.random = random
        self.fanout = fanout
        isWatched = fanout.hasSubscribers
        self.ledger = ledger ?? Ledger()
        if ledger == nil { try load() }
    }

    /// Begins one operation at the store's time.
    func begin(at time: Timestamp) { now = time }

    func makeID() -> JobID { JobID(at: now, random: (random.next(), random.next())) }

    // MARK: Hints

    /// A job changed.
    func touch(_ id: JobID) {
        guard isWatched else { return }
        if hint.streams.count < Self.namesMax { hint.streams.insert(StreamName.job(id)) } else { hint.isUnspecific = true }
    }

    /// A stream grew.
    func touch(stream: String) {
        guard isWatched else { return }
        if hint.streams.count < Self.namesMax { hint.streams.insert(stream) } else { hint.isUnspecific = true }
    }

    /// Jobs may be claimed that could not be before.
    func touchWork() { hint.work = true }

    /// Tells whoever watches what has changed.
    func announce() {
        if isWatched, hint.work || hint.isUnspecific || !hint.streams.isEmpty { fanout.send(hint) }
        hint = Wakeup(work: false)
    }

    // MARK: WriteScope

    var isUnwritten: Bool { ledger.isDirty }

    func finish() throws { try flush() }

    func forget() throws {
        ledger = Ledger()
        try load()
    }

    func committed() -> Ledger {
        announce()
        ledger.trim()
        return ledger
    }
}
