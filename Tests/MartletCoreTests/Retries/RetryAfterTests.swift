import MartletCore
import Testing

@Suite struct RetryAfterTests {
    /// Sun, 06 Nov 1994 08:49:07 GMT
    private static let now = Timestamp(seconds: 784_111_747)

    @Test(
        arguments: [
            ("0", 0), ("120", 120), (" 5 ", 5), ("Sun, 06 Nov 1994 08:49:37 GMT", 30), ("Sunday, 06-Nov-94 08:49:37 GMT", 30),
            ("Sun Nov  6 08:49:37 1994", 30),
            ("Sun, 06 Nov 1994 08:49:00 GMT", 0), ("Mon, 07 Nov 1994 08:49:07 GMT", 86_400), ("Saturday, 06-Nov-93 08:49:37 GMT", 0),
        ] as [(String, Int64)])
    func `seconds and all three forms of an HTTP date are read`(value: String, seconds: Int64) {
        #expect(RetryAfter.parse(value, now: Self.now) == .seconds(seconds))
    }

    @Test(arguments: [
        "", " ", "-5", "1.5", "soon", "Sun, 31 Feb 1994 08:49:37 GMT", "Sun, 06 Nov 1994 25:49:37 GMT", "Sun, 06 Nov 1994 08:49:37 CET",
        "06 Nov 1994", "Sun, 06 Xyz 1994 08:49:37 GMT",
    ])
    func `what is neither is ignored`(value: String) {
        #expect(RetryAfter.parse(value, now: Self.now) == nil)
    }

    @Test func `more seconds than anybody lives are cut to the longest delay`() {
        #expect(RetryAfter.parse("99999999999999999999999", now: Self.now) == Limits.delay)
    }
}
