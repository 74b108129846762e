import MartletCore
import Testing

@Suite struct DurationISO8601Tests {
    @Test(
        arguments: [
            ("PT0S", 0), ("PT1S", 1_000_000), ("PT1M", 60_000_000), ("PT1H", 3_600_000_000), ("P1D", 86_400_000_000), ("P2W", 1_209_600_000_000),
            ("P1DT2H3M4.5S", 93_784_500_000), ("PT0.000001S", 1), ("PT0.0000019S", 1), ("PT1,5H", 5_400_000_000), ("P0.5D", 43_200_000_000),
            ("PT90M", 5_400_000_000),
            ("PT1H30S", 3_630_000_000), ("P1W1D", 691_200_000_000),
        ] as [(String, Int64)])
    func `a duration of fixed length is read`(text: String, microseconds: Int64) {
        #expect(Duration(iso8601: text) == .microseconds(microseconds))
    }

    @Test(arguments: [
        "", "P", "PT", "P1DT", "1H", "T1H", "PT1", "PTS", "PT.5S", "PT1.S", "P1Y", "P1M", "P1Y2D", "PT1M1H", "PT1S1S", "PT1.5H30M", "PT-1S", "-PT1S",
        "+PT1S", "pt1s", "P1H",
        "PT1D", "PT1W", "P1DT1HT1M", "PT1H ", "PT999999999999999H", "PT9999999999999999999S", "PT٣S",
    ])
    func `what has no fixed length or no sense is refused`(text: String) {
        #expect(Duration(iso8601: text) == nil)
    }

    @Test func `the wire's durations are seconds or ISO 8601`() {
        #expect(Duration(json: 5) == .seconds(5))
        #expect(Duration(json: .number("0.25")) == .milliseconds(250))
        #expect(Duration(json: "PT5M") == .seconds(300))
        for json: JSON in [.number("-1"), .number("1e300"), "5", true, nil, [5], .number("4000000000")] { #expect(Duration(json: json) == nil) }
    }
}
