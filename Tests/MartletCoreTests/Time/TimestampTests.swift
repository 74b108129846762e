import MartletCore
import Testing

@Suite struct TimestampTests {
    @Test(
        arguments: [
            ("1970-01-01T00:00:00Z", 0), ("1970-01-01T00:00:00.000001Z", 1), ("1969-12-31T23:59:59Z", -1_000_000),
            ("1969-12-31T23:59:59.999999Z", -1),
            ("2000-02-29T12:00:00Z", 951_825_600_000_000), ("1985-04-12T23:20:50.52Z", 482_196_050_520_000),
            ("1996-12-19T16:39:57-08:00", 851_042_397_000_000),
            ("1937-01-01T12:00:27.87+00:20", -1_041_337_172_130_000), ("9999-12-31T23:59:59Z", 253_402_300_799_000_000),
            ("2024-02-29t00:00:00z", 1_709_164_800_000_000),
            ("2024-02-29 00:00:00+00:00", 1_709_164_800_000_000), ("2026-01-01T00:00:00.123456789Z", 1_767_225_600_123_456),
            ("1990-12-31T23:59:60Z", 662_687_999_000_000),
        ] as [(String, Int64)])
    func `an RFC 3339 time is read to the microsecond`(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-01-01", "2026-01-01T00:00:00", "2026-01-01T00:00:00.5", "2026-01-01T00:00Z", "2026-13-01T00:00:00Z", "2026-00-01T00:00:00Z",
        "2026-02-29T00:00:00Z",
        "1900-02-29T00:00:00Z", "2026-04-31T00:00:00Z", "2026-01-00T00:00:00Z", "2026-01-01T24:00:00Z", "2026-01-01T00:60:00Z",
        "2026-01-01T00:00:61Z",
        "2026-01-01T00:00:00.Z", "2026-01-01T00:00:00+24:00", "2026-01-01T00:00:00+01", "2026-01-01T00:00:00+0100", "2026-01-01T00:00:00ZZ",
        "+2026-01-01T00:00:00Z",
        "2026-1-1T00:00:00Z", "2026-01-01T00:00:00Z ", " 2026-01-01T00:00:00Z", "2026-01-01T00:00:00 Z", "２026-01-01T00:00:00Z",
        "0000-01-01T00:00:00+00:01", "9999-12-31T23:59:59-00:01",
    ])
    func `what is no RFC 3339 time with a zone is refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `a fraction is written with three digits, six, or not at all`() {
        #expect(Timestamp(microseconds: 0).description == "1970-01-01T00:00:00Z")
        #expect(Timestamp(microseconds: 120_000).description == "1970-01-01T00:00:00.120Z")
        #expect(Timestamp(microseconds: 120_001).description == "1970-01-01T00:00:00.120001Z")
        #expect(Timestamp(microseconds: -1).description == "1969-12-31T23:59:59.999999Z")
    }

    @Test func `every instant survives being written and read`() {
        let random = SeededRandom(seed: 1)
        let (first, last): (Int64, Int64) = (-62_167_219_200_000_000, Timestamp.distantFuture.microseconds)
        for _ in 0..<5000 {
            let time = Timestamp(microseconds: first + Int64(random.next() % UInt64(last - first)))
            #expect(Timestamp(rfc3339: time.description) == time)
        }
    }

    @Test func `a sum saturates where RFC 3339 ends`() {
        #expect(Timestamp.distantFuture + .seconds(1) == .distantFuture)
        #expect(Timestamp.epoch + .seconds(Int64.max) == .distantFuture)
        #expect(Timestamp(seconds: 10) - Timestamp(seconds: 4) == .seconds(6))
        #expect(Timestamp(seconds: 10) - .seconds(4) == Timestamp(seconds: 6))
    }

    @Test func `the microseconds of a duration saturate`() {
        #expect(Duration.seconds(Int64.max).microseconds == .max)
        #expect(Duration.seconds(Int64.min).microseconds == .min)
        #expect((Duration.seconds(9_223_372_036_854) + .microseconds(900_000)).microseconds == .max)
        #expect(Duration.nanoseconds(1999).microseconds == 1)
        #expect(Duration.milliseconds(1500).inSeconds == 1.5)
    }
}
