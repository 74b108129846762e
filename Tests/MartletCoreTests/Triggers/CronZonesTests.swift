import Foundation
import MartletCore
import Testing

@Suite struct CronZonesTests {
    static let zones = [
        "UTC", "Europe/Berlin", "Europe/London", "Europe/Dublin", "Europe/Istanbul", "America/New_York", "America/Los_Angeles", "America/St_Johns",
        "America/Sao_Paulo",
        "America/Santiago", "Africa/Casablanca", "Africa/Cairo", "Asia/Tehran", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tokyo", "Australia/Lord_Howe",
        "Australia/Sydney",
        "Pacific/Apia", "Pacific/Chatham",
    ]

    private static let start = Timestamp(seconds: 1_735_689_600)  // 2025-01-01T00:00:00Z
    private static let end = Timestamp(seconds: 2_051_222_400)  // 2035-01-01T00:00:00Z

    @Test(arguments: zones)
    func `ten years of a daily time are one slot for each day, strictly later than the one before`(name: String) throws {
        let (expression, zone) = (try CronExpression("30 2 * * *"), try ZoneRules(name))
        var (slot, count) = (Self.start, 0)
        while let next = expression.next(after: slot, in: zone), next < Self.end {
            let gap = next - slot
            #expect(next > slot && (count == 0 || gap >= .seconds(82_800 - 3600) && gap <= .seconds(90_000 + 3600)))
            (slot, count) = (next, count + 1)
        }
        #expect(abs(count - 3652) <= 1)
    }

    @Test(arguments: zones)
    func `ten years of every half hour never pile up and never stop`(name: String) throws {
        let (expression, zone) = (try CronExpression("*/30 */3 * * *"), try ZoneRules(name))
        var (slot, count) = (Self.start, 0)
        while let next = expression.next(after: slot, in: zone), next < Self.end {
            guard next > slot, next - slot <= .seconds(5 * 3600) else {
                Issue.record("\(next) follows \(slot)")
                return
            }
            (slot, count) = (next, count + 1)
        }
        #expect(abs(count - 3652 * 16) <= 100)
    }

    @Test(arguments: zones)
    func `around each change of the clocks the slots are those of a cron that watches its clock`(name: String) throws {
        let rules = try ZoneRules(name)
        let zone = try #require(TimeZone(identifier: name))
        var centres = [Timestamp(seconds: 1_325_239_200)]  // Samoa's skipped day
        for day in 0..<365 {
            let noon = Self.start + .seconds(Int64(day) * 86_400)
            if rules.offset(at: noon) != rules.offset(at: noon + .seconds(86_400)) { centres.append(noon) }
        }
        let expressions = [
            "30 2 * * *", "0 0 * * *", "0,15,30,45 0-4 * * *", "59 23 * * *", "*/15 * * * *", "0 * * * *", "20 */2 * * *", "*/20 1,2,3 * * *",
            "10 2 */2 * 0", "5 1 1-15 * 3",
        ]
        for text in expressions {
            let (expression, naive) = (try CronExpression(text), NaiveCron(text))
            for centre in centres {
                let (from, until) = (centre - .seconds(86_400), centre + .seconds(2 * 86_400))
                var slots: [Timestamp] = []
                while let next = expression.next(after: slots.last ?? from, in: rules), next <= until { slots.append(next) }
                #expect(slots == naive.slots(after: from, through: until, in: zone), "\(text) around \(centre)")
            }
        }
    }

    @Test func `the rules of every zone agree with its offsets at random times`() throws {
        let random = SeededRandom(seed: 20)
        for name in TimeZone.knownTimeZoneIdentifiers where name.contains("/") {
            let (rules, zone) = (try ZoneRules(name), try #require(TimeZone(identifier: name)))
            for _ in 0..<40 {
                let second = Int64(random.next() % 4_102_444_800)
                let time = Timestamp(seconds: second)
                #expect(rules.offset(at: time) == zone.secondsFromGMT(for: Date(timeIntervalSince1970: Double(second))), "\(name) at \(time)")
            }
        }
    }
}
