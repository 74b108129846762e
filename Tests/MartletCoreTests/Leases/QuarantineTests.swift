import MartletCore
import Testing

@Suite struct QuarantineTests {
    @Test func `without a suspect every held job is blamed`() {
        #expect(Quarantine.blamed(held: [(id: 1, deaths: 0), (id: 2, deaths: 1)]) == [1, 2])
        #expect(Quarantine.blamed(held: [(id: Int, deaths: Int)]()).isEmpty)
    }

    @Test func `with a suspect it alone is blamed`() {
        #expect(Quarantine.blamed(held: [(id: 1, deaths: 0), (id: 2, deaths: 2), (id: 3, deaths: 1)]) == [2])
    }

    @Test func `jobs that shared a node with a killer are never quarantined`() {
        var deaths = ["killer": 0, "first": 0, "second": 0, "third": 0]
        while deaths["killer", default: 0] < Quarantine.crashesMax {
            let blamed = Quarantine.blamed(held: deaths.map { (id: $0.key, deaths: $0.value) }.filter { $0.id == "killer" || $0.deaths < 2 })
            for id in blamed { deaths[id, default: 0] += 1 }
        }
        #expect(deaths["killer"] == 3)
        #expect(deaths.values.filter { $0 >= Quarantine.crashesMax }.count == 1)
    }
}
