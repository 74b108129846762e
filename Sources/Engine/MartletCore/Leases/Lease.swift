/// The right to write to one job: its id and the number that was drawn when it was claimed. Every write is checked against it.
public struct Lease: Sendable, Hashable {
    public let job: JobID
    public let epoch: Int

    public init(job: JobID, epoch: Int) {
        self.job = job
        self.epoch = epoch
    }
}

/// One incarnation of a process that runs jobs: `host/pid/nonce`, or the name that a worker in another language gave itself.
public struct NodeID: Sendable, Hashable, Comparable, CustomStringConvertible {
    public let name: String

    public init(_ name: String) { self.name = name }

    public static func < (a: NodeID, b: NodeID) -> Bool { a.name < b.name }
    public var description: String { name }
}
