import HeapModule

/// Start-time fair queueing between the tenants of one queue (Goyal, Vin, Cheng: "Start-time Fair Queuing", SIGCOMM 1996), with every
/// job of cost 1: whoever was served least recently goes first, and a tenant that was idle gets no credit for it.
public struct FairShare: Sendable {
    /// The start tag of the last job served; it only grows.
    public private(set) var virtualTime: Int

    public init(virtualTime: Int) {
        self.virtualTime = virtualTime
    }

    /// One tenant that has due work.
    public struct Contender: Sendable, Hashable {
        public var tenant: String
        /// The finish tag of its last job.
        public var turn: Int
        /// How many jobs it can start now: due ones, cut by the limit per tenant.
        public var supply: Int

        public init(tenant: String, turn: Int, supply: Int) {
            self.tenant = tenant
            self.turn = turn
            self.supply = supply
        }
    }

    /// The order in which `capacity` jobs are taken: indices into `contenders`, whose `turn` and `supply` are brought up to date.
    /// Ties go to the older turn, then to the tenant's name, so that every store decides alike.
    public mutating func allot(_ capacity: Int, among contenders: inout [Contender]) -> [Int] {
        let base = virtualTime
        var order: [Int] = []
        var heap = Heap<Entry>()
        for (index, contender) in contenders.enumerated() where contender.supply > 0 { heap.insert(Entry(contender, index, base)) }
        while order.count < capacity, let first = heap.min {
            virtualTime = max(virtualTime, first.start)
            contenders[first.index].turn = first.start + 1
            contenders[first.index].supply -= 1
            order.append(first.index)
            if contenders[first.index].supply > 0 {
                heap.replaceMin(with: Entry(contenders[first.index], first.index, base))
            } else {
                heap.removeMin()
            }
        }
        return order
    }

    private struct Entry: Comparable {
        let start: Int
        let turn: Int
        let tenant: String
        let index: Int

        init(_ contender: Contender, _ index: Int, _ base: Int) {
            start = max(contender.turn, base)
            turn = contender.turn
            tenant = contender.tenant
            self.index = index
        }

        static func < (a: Entry, b: Entry) -> Bool { (a.start, a.turn, a.tenant) < (b.start, b.turn, b.tenant) }
    }
}
