/// The operations that gather while a transaction is under way.
struct WriteQueue<Scope: WriteScope>: Sendable {
    /// More than this wait already: the disk does not keep up, and memory is not the place to hide it.
    static var capacity: Int { 10_000 }

    private var waiting: [PendingWrite<Scope>] = []
    private var isDraining = false
    private(set) var isClosed = false

    enum Admission {
        /// The writer is at work and will come to it.
        case queued
        /// The caller starts the writer.
        case startsDrain
        case refused(DatabaseFailure)
    }

    mutating func add(_ write: PendingWrite<Scope>) -> Admission {
        if isClosed { return .refused(.closed) }
        guard waiting.count < Self.capacity else { return .refused(.overloaded(waiting.count)) }
        waiting.append(write)
        if isDraining { return .queued }
        isDraining = true
        return .startsDrain
    }

    /// Everything that has gathered; empty ends the drain.
    mutating func takeAll() -> [PendingWrite<Scope>] {
        if waiting.isEmpty { isDraining = false }
        defer { waiting = [] }
        return waiting
    }

    mutating func close() { isClosed = true }
}
