import MartletCore
import Testing

@Suite struct ZoneRulesTests {
    @Test(arguments: ["", "Nope/Zone", "europe/berlin", "PST", "CEST", "GMT+2", "+02:00", "../../etc/passwd", "Europe/", "Berlin"])
    func `a name that no zone has is refused with an example of one that does`(name: String) {
        let error = #expect(throws: ZoneError.self) { try ZoneRules(name) }
        #expect(error?.description.contains("Europe/Berlin") == true)
    }

    @Test func `a local time has no instant in a gap, two when the hour is repeated, else one`() throws {
        let berlin = try ZoneRules("Europe/Berlin")
        let half = 2 * 3600 + 1800
        #expect(berlin.instants(CivilDate(year: 2026, month: 3, day: 29), secondOfDay: half).isEmpty)
        let twice = berlin.instants(CivilDate(year: 2026, month: 10, day: 25), secondOfDay: half)
        #expect(twice.map(\.description) == ["2026-10-25T00:30:00Z", "2026-10-25T01:30:00Z"])
        let once = berlin.instants(CivilDate(year: 2026, month: 7, day: 1), secondOfDay: half)
        #expect(once.map(\.description) == ["2026-07-01T00:30:00Z"])
        #expect(try ZoneRules("Pacific/Apia").instants(CivilDate(year: 2011, month: 12, day: 30), secondOfDay: 43_200).isEmpty)
    }

    @Test(arguments: CronZonesTests.zones)
    func `an instant is among those of the local time that it shows`(name: String) throws {
        let zone = try ZoneRules(name)
        let random = SeededRandom(seed: 5)
        for _ in 0..<500 {
            let time = Timestamp(seconds: Int64(random.next() % 5_000_000_000))
            let local = zone.local(at: time)
            #expect(zone.instants(local.date, secondOfDay: local.secondOfDay).contains(time))
        }
    }

    @Test func `UTC needs no data`() throws {
        #expect(try ZoneRules("UTC") == .utc)
        #expect(ZoneRules.utc.offset(at: .distantFuture) == 0)
        #expect(ZoneRules.utc.instants(CivilDate(year: 2026, month: 3, day: 29), secondOfDay: 0).count == 1)
    }
}
