import MartletCore
import Testing

@Suite struct FairShareTests {
    private static func contenders(_ supplies: [(String, Int)]) -> [FairShare.Contender] {
        supplies.map { FairShare.Contender(tenant: $0.0, turn: 0, supply: $0.1) }
    }

    private static func counts(_ order: [Int], of contenders: [FairShare.Contender]) -> [String: Int] {
        Dictionary(grouping: order.map { contenders[$0].tenant }, by: \.self).mapValues(\.count)
    }

    @Test func `tenants with enough work get equal shares, however much one of them has`() {
        var share = FairShare(virtualTime: 0)
        var tenants = Self.contenders([("a", 100_000), ("b", 40), ("c", 40)])
        let order = share.allot(90, among: &tenants)
        #expect(Self.counts(order, of: tenants) == ["a": 30, "b": 30, "c": 30])
    }

    @Test func `shares stay equal when every call hands out one job`() {
        var share = FairShare(virtualTime: 0)
        var tenants = Self.contenders([("a", 1000), ("b", 1000), ("c", 1000)])
        let order = (0..<300).flatMap { _ in share.allot(1, among: &tenants) }
        #expect(Self.counts(order, of: tenants) == ["a": 100, "b": 100, "c": 100])
    }

    @Test func `what one tenant cannot use the others get`() {
        var share = FairShare(virtualTime: 0)
        var tenants = Self.contenders([("a", 2), ("b", 100), ("c", 0)])
        let order = share.allot(50, among: &tenants)
        #expect(Self.counts(order, of: tenants) == ["a": 2, "b": 48])
        #expect(tenants.map(\.supply) == [0, 52, 0])
        let rest = share.allot(1000, among: &tenants)
        #expect(rest.count == 52)
    }

    @Test func `a tenant that was idle gets no credit for it`() {
        var share = FairShare(virtualTime: 0)
        var busy = Self.contenders([("busy", 1000)])
        _ = share.allot(500, among: &busy)
        var both = [busy[0], FairShare.Contender(tenant: "idle", turn: 0, supply: 1000)]
        let order = share.allot(100, among: &both)
        let counts = Self.counts(order, of: both)
        #expect(abs((counts["busy"] ?? 0) - (counts["idle"] ?? 0)) <= 2)
    }

    @Test func `ties go by name, so that the order of the rows does not matter`() {
        let supplies = [("d", 3), ("a", 3), ("c", 3), ("b", 3)]
        let orders = [supplies, supplies.reversed(), supplies.sorted { $0.0 < $1.0 }].map { supplies in
            var share = FairShare(virtualTime: 0)
            var tenants = Self.contenders(supplies)
            return share.allot(12, among: &tenants).map { tenants[$0].tenant }
        }
        #expect(orders[0] == ["a", "b", "c", "d", "a", "b", "c", "d", "a", "b", "c", "d"])
        #expect(orders[1] == orders[0] && orders[2] == orders[0])
    }

    @Test func `virtual time only grows`() {
        let random = SeededRandom(seed: 9)
        var share = FairShare(virtualTime: 0)
        var tenants = Self.contenders([("a", 0), ("b", 0), ("c", 0)])
        for _ in 0..<200 {
            for index in tenants.indices { tenants[index].supply += Int(random.next() % 4) }
            let before = share.virtualTime
            _ = share.allot(Int(random.next() % 5), among: &tenants)
            #expect(share.virtualTime >= before)
        }
    }
}
