import MartletCore
import Testing

@Suite struct CronSlotTests {
    private static func slots(_ text: String, _ zone: String, after: String, count: Int) throws -> [String] {
        let schedule = Trigger.Schedule.cron(try CronExpression(text), zone: zone)
        return SlotPlanner.upcoming(schedule, after: try #require(Timestamp(rfc3339: after)), count: count).map(\.description)
    }

    /// After midnight of Thursday, 1 January 2026.
    @Test(arguments: [
        ("* * * * *", "01-01T00:01:00 01-01T00:02:00"), ("*/15 * * * * *", "01-01T00:00:15 01-01T00:00:30"),
        ("5/20 * * * *", "01-01T00:05:00 01-01T00:25:00 01-01T00:45:00 01-01T01:05:00"),
        ("0 0 13 * 5", "01-02T00:00:00 01-09T00:00:00 01-13T00:00:00 01-16T00:00:00"),
        ("0 0 */2 * 1", "01-05T00:00:00 01-19T00:00:00 02-09T00:00:00 02-23T00:00:00"),
        ("0 0 L * *", "01-31T00:00:00 02-28T00:00:00 03-31T00:00:00 04-30T00:00:00"), ("0 0 * * 2#1", "01-06T00:00:00 02-03T00:00:00 03-03T00:00:00"),
        ("0 0 * * 5L", "01-30T00:00:00 02-27T00:00:00 03-27T00:00:00"), ("0 0 * * fri#5", "01-30T00:00:00 05-29T00:00:00 07-31T00:00:00"),
        ("0 0 L * 1", "01-05T00:00:00 01-12T00:00:00 01-19T00:00:00 01-26T00:00:00 01-31T00:00:00 02-02T00:00:00"),
        ("0 0 ? * sat-sun", "01-03T00:00:00 01-04T00:00:00 01-10T00:00:00"),
        ("0 0 * * fri-sun", "01-02T00:00:00 01-03T00:00:00 01-04T00:00:00 01-09T00:00:00"),
        ("10-30/10 4 ? jun MON", "06-01T04:10:00 06-01T04:20:00 06-01T04:30:00 06-08T04:10:00"),
        ("59 59 23 31 12 *", "12-31T23:59:59"), ("@weekly", "01-04T00:00:00 01-11T00:00:00"), ("@monthly", "02-01T00:00:00 03-01T00:00:00"),
        ("@hourly", "01-01T01:00:00 01-01T02:00:00"),
        ("0 0 1 1 7", "01-04T00:00:00 01-11T00:00:00 01-18T00:00:00 01-25T00:00:00"),
        ("0 9-17/4 * * 1-5", "01-01T09:00:00 01-01T13:00:00 01-01T17:00:00 01-02T09:00:00"),
        ("0,30 12 1,15 */3 *", "01-01T12:00:00 01-01T12:30:00 01-15T12:00:00 01-15T12:30:00 04-01T12:00:00"), ("30 0 0 29 2 1#1", "02-02T00:00:30"),
    ])
    func `an expression comes when it says`(text: String, expected: String) throws {
        let expected = expected.split(separator: " ").map { "2026-\($0)Z" }
        #expect(try Self.slots(text, "UTC", after: "2026-01-01T00:00:00Z", count: expected.count) == expected)
    }

    @Test func `the 29th of February comes in leap years alone, and not in 2100`() throws {
        let slots = try Self.slots("0 0 29 2 *", "UTC", after: "2088-03-01T00:00:00Z", count: 3)
        #expect(slots == ["2092-02-29T00:00:00Z", "2096-02-29T00:00:00Z", "2104-02-29T00:00:00Z"])
        #expect(try Self.slots("0 0 */28 2 */3", "UTC", after: "2092-03-01T00:00:00Z", count: 1).isEmpty == false)
    }

    @Test func `no slot comes after the last year that a timestamp can spell`() throws {
        #expect(try Self.slots("0 0 1 1 *", "UTC", after: "9998-06-01T00:00:00Z", count: 5) == ["9999-01-01T00:00:00Z"])
    }

    @Test func `a slot is later than the time asked for, and a whole second`() throws {
        let slots = try Self.slots("* * * * * *", "UTC", after: "2026-01-01T00:00:00.000001Z", count: 2)
        #expect(slots == ["2026-01-01T00:00:01Z", "2026-01-01T00:00:02Z"])
        #expect(try Self.slots("0 0 * * *", "UTC", after: "2025-12-31T23:59:59.999999Z", count: 1) == ["2026-01-01T00:00:00Z"])
        #expect(try Self.slots("0 0 * * *", "UTC", after: "1969-12-30T23:59:59.5Z", count: 1) == ["1969-12-31T00:00:00Z"])
    }

    /// A zone, an expression, the time asked from, and the slots that follow, all in UTC.
    @Test(arguments: [
        // Berlin: the clocks go from 02:00 to 03:00 at 01:00 UTC on 29 March, and from 03:00 to 02:00 at 01:00 UTC on 25 October.
        ("Europe/Berlin", "30 2 * * *", "03-28T12:00:00", "03-29T01:00:00 03-30T00:30:00"),
        ("Europe/Berlin", "0 2,3 * * *", "03-29T00:30:00", "03-29T01:00:00 03-30T00:00:00 03-30T01:00:00"),
        ("Europe/Berlin", "30 1 * * *", "03-28T12:00:00", "03-29T00:30:00 03-29T23:30:00"),
        ("Europe/Berlin", "*/15 * * * *", "03-29T00:40:00", "03-29T00:45:00 03-29T01:00:00 03-29T01:15:00"),
        ("Europe/Berlin", "*/30 2 * * *", "03-28T12:00:00", "03-30T00:00:00 03-30T00:30:00"),
        ("Europe/Berlin", "*/20 30 2 * * *", "03-28T12:00:00", "03-29T01:00:00 03-30T00:30:00 03-30T00:30:20"),
        ("Europe/Berlin", "30 2 29 3 *", "03-01T00:00:00", "03-29T01:00:00"),
        ("Europe/Berlin", "30 2 * * *", "10-24T12:00:00", "10-25T00:30:00 10-26T01:30:00"),
        ("Europe/Berlin", "30 2 * * *", "10-25T01:15:00", "10-26T01:30:00"),
        ("Europe/Berlin", "0 2 * * *", "10-25T00:59:59", "10-26T01:00:00"),
        ("Europe/Berlin", "0 3 * * *", "10-25T00:30:00", "10-25T02:00:00"),
        ("Europe/Berlin", "0 * * * *", "10-24T23:30:00", "10-25T00:00:00 10-25T01:00:00 10-25T02:00:00"),
        ("Europe/Berlin", "*/30 2 * * *", "10-24T12:00:00", "10-25T00:00:00 10-25T00:30:00 10-25T01:00:00 10-25T01:30:00 10-26T01:00:00"),
        ("Europe/Berlin", "*/30 2 25 10 *", "10-25T00:45:00", "10-25T01:00:00 10-25T01:30:00"),
        // New York: at 07:00 UTC on 8 March and 06:00 UTC on 1 November.
        ("America/New_York", "30 2 * * *", "03-08T00:00:00", "03-08T07:00:00 03-09T06:30:00"),
        ("America/New_York", "30 1 * * *", "11-01T00:00:00", "11-01T05:30:00 11-02T06:30:00"),
        ("America/New_York", "15,45 1 * * *", "11-01T05:30:00", "11-01T05:45:00 11-02T06:15:00"),
        ("America/New_York", "0 12 * * mon", "03-03T00:00:00", "03-09T16:00:00"),
        // Lord Howe Island moves by half an hour: at 15:00 UTC on 4 April and 15:30 UTC on 3 October.
        ("Australia/Lord_Howe", "45 1 * * *", "04-04T12:00:00", "04-04T14:45:00 04-05T15:15:00"),
        ("Australia/Lord_Howe", "15 2 * * *", "10-03T00:00:00", "10-03T15:30:00 10-04T15:15:00"),
        ("Australia/Lord_Howe", "*/15 * * * *", "04-04T14:40:00", "04-04T14:45:00 04-04T15:00:00 04-04T15:15:00"),
        ("Australia/Lord_Howe", "0 * * * *", "04-04T13:30:00", "04-04T14:00:00 04-04T15:30:00 04-04T16:30:00"),
        ("Australia/Lord_Howe", "0 * * * *", "10-03T14:00:00", "10-03T14:30:00 10-03T16:00:00 10-03T17:00:00"),
        // Casablanca puts the clocks back for Ramadan: at 02:00 UTC on 15 February, and forward again on 22 March.
        ("Africa/Casablanca", "30 2 * * *", "02-14T12:00:00", "02-15T01:30:00 02-16T02:30:00"),
        ("Africa/Casablanca", "30 2 * * *", "03-21T12:00:00", "03-22T02:00:00 03-23T01:30:00"),
        // No change at all.
        ("Asia/Kathmandu", "0 0 * * *", "05-01T00:00:00", "05-01T18:15:00 05-02T18:15:00"),
        ("Asia/Kolkata", "*/30 * * * *", "05-01T00:10:00", "05-01T00:30:00"),
    ])
    func `a change of the clocks moves a slot as the policy says`(zone: String, text: String, after: String, expected: String) throws {
        let expected = expected.split(separator: " ").map { "2026-\($0)Z" }
        #expect(try Self.slots(text, zone, after: "2026-\(after)Z", count: expected.count) == expected)
    }

    @Test func `a day that a country skipped comes at the first instant after it`() throws {
        // Samoa went from 29 to 31 December 2011 at 10:00 UTC on the 30th.
        let daily = try Self.slots("0 9 * * *", "Pacific/Apia", after: "2011-12-29T00:00:00Z", count: 3)
        #expect(daily == ["2011-12-29T19:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T19:00:00Z"])
        let hourly = try Self.slots("0 * * * *", "Pacific/Apia", after: "2011-12-30T08:30:00Z", count: 3)
        #expect(hourly == ["2011-12-30T09:00:00Z", "2011-12-30T10:00:00Z", "2011-12-30T11:00:00Z"])
        let friday = try Self.slots("0 0 30 12 *", "Pacific/Apia", after: "2011-12-01T00:00:00Z", count: 2)
        #expect(friday == ["2011-12-30T10:00:00Z", "2012-12-29T10:00:00Z"])
    }
}
