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
        var order: [Int] = []
        let base = virtualTime
        var heap = ContenderHeap(contenders.indices.filter { contenders[$0].supply > 0 }) { first, second in
            let (a, b) = (contenders[first], contenders[second])
            return (max(a.turn, base), a.turn, a.tenant) < (max(b.turn, base), b.turn, b.tenant)
        }
        while order.count < capacity, let index = heap.first {
            let start = max(contenders[index].turn, base)
            virtualTime = max(virtualTime, start)
            contenders[index].turn = start + 1
            contenders[index].supply -= 1
            order.append(index)
            let (remaining, snapshot) = (contenders[index].supply > 0, contenders)
            heap.settleFirst(keep: remaining) { first, second in
                let (a, b) = (snapshot[first], snapshot[second])
                return (max(a.turn, base), a.turn, a.tenant) < (max(b.turn, base), b.turn, b.tenant)
            }
        }
        return order
    }
}

/// A binary min-heap of indices, ordered by a comparison that is handed in, since what the indices point at changes.
private struct ContenderHeap {
    private var indices: [Int]

    init(_ indices: [Int], by precedes: (Int, Int) -> Bool) {
        self.indices = indices.sorted(by: precedes)
    }

    var first: Int? { indices.first }

    mutating func settleFirst(keep: Bool, by precedes: (Int, Int) -> Bool) {
        if !keep {
            indices.swapAt(0, indices.count - 1)
            indices.removeLast()
        }
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < indices.count && precedes(indices[child], indices[least]) {
                least = child
            }
            guard least != parent else { return }
            indices.swapAt(parent, least)
            parent = least
        }
    }
}
