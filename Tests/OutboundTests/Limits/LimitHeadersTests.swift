import MartletCore
import MartletTesting
import Testing

@testable import Outbound

@Suite struct LimitHeadersTests {
    private static let now = VirtualClock.defaultStart

    private static func read(_ fields: (String, String)...) -> LimitHeaders { LimitHeaders(fields, now: now) }

    private static func calls(_ limit: Int?, _ remaining: Int, _ reset: Duration, _ name: String = "") -> LimitReading {
        LimitReading(name: name, limit: limit, remaining: remaining, resetAfter: reset)
    }

    @Test func `GitHub and X tell seconds since 1970`() {
        let reset = String(Self.now.microseconds / 1_000_000 + 900)
        let told = [Self.calls(100, 7, .seconds(900))]
        #expect(Self.read(("X-RateLimit-Limit", "100"), ("X-RateLimit-Remaining", "7"), ("X-RateLimit-Reset", reset)).readings == told)
        #expect(Self.read(("x-rate-limit-limit", "100"), ("x-rate-limit-remaining", "7"), ("x-rate-limit-reset", reset)).readings == told)
        #expect(
            Self.read(("x-rate-limit-limit", "100"), ("x-rate-limit-remaining", "7"), ("x-rate-limit-reset", reset + "000")).readings == told)
    }

    @Test func `X counts a day beside the window`() {
        let reset = String(Self.now.microseconds / 1_000_000 + 3600)
        let headers = Self.read(
            ("x-app-limit-24hour-limit", "10000"), ("x-app-limit-24hour-remaining", "0"), ("x-app-limit-24hour-reset", reset),
            ("x-user-limit-24hour-limit", "17"), ("x-user-limit-24hour-remaining", "3"), ("x-user-limit-24hour-reset", reset))
        #expect(headers.readings == [Self.calls(10_000, 0, .seconds(3600), "app-24hour"), Self.calls(17, 3, .seconds(3600), "user-24hour")])
    }

    @Test func `Mastodon tells an instant`() {
        let headers = Self.read(
            ("X-RateLimit-Limit", "300"), ("X-RateLimit-Remaining", "299"), ("X-RateLimit-Reset", "2026-01-01T00:05:00.000000Z"))
        #expect(headers.readings == [Self.calls(300, 299, .seconds(300))])
    }

    @Test func `Bluesky tells seconds since 1970 and a policy`() {
        let reset = String(Self.now.microseconds / 1_000_000 + 30)
        let headers = Self.read(
            ("ratelimit-limit", "3000"), ("ratelimit-remaining", "2999"), ("ratelimit-reset", reset), ("ratelimit-policy", "3000;w=300"))
        #expect(headers.readings == [Self.calls(3000, 2999, .seconds(30))])
    }

    @Test func `Discord tells a fraction, and who is meant`() {
        let headers = Self.read(
            ("X-RateLimit-Limit", "5"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "1470173023.123"), ("X-RateLimit-Reset-After", "0.7"),
            ("X-RateLimit-Bucket", "abcd1234"), ("X-RateLimit-Global", "true"), ("Retry-After", "1"))
        #expect(headers.readings == [Self.calls(5, 0, .milliseconds(700))])
        #expect(headers.isGlobal)
        #expect(headers.retryAfter == .seconds(1))
        #expect(Self.read(("X-RateLimit-Scope", "global")).isGlobal)
        #expect(!Self.read(("X-RateLimit-Scope", "user")).isGlobal)
    }

    @Test func `OpenAI counts requests and tokens, and tells durations`() {
        let headers = Self.read(
            ("x-ratelimit-limit-requests", "60"), ("x-ratelimit-remaining-requests", "59"), ("x-ratelimit-reset-requests", "1s"),
            ("x-ratelimit-limit-tokens", "150000"), ("x-ratelimit-remaining-tokens", "0"), ("x-ratelimit-reset-tokens", "6m0s"),
            ("retry-after-ms", "1500"))
        #expect(headers.readings.map(\.name) == ["requests", "tokens"])
        #expect(headers.readings.map(\.resetAfter) == [.seconds(1), .seconds(360)])
        #expect(headers.readings.map(\.countsCalls) == [true, false])
        #expect(headers.readings.map(\.window) == [.seconds(1), .seconds(36)])
        #expect(headers.retryAfter == .milliseconds(1500))
    }

    @Test func `Anthropic tells an instant for each thing it counts`() {
        let headers = Self.read(
            ("anthropic-ratelimit-requests-limit", "50"), ("anthropic-ratelimit-requests-remaining", "0"),
            ("anthropic-ratelimit-requests-reset", "2026-01-01T00:01:00Z"))
        #expect(headers.readings == [LimitReading(name: "requests", limit: 50, remaining: 0, resetAfter: .seconds(60), isRefilling: true)])
        #expect(headers.readings.map(\.window) == [.seconds(6)])
    }

    @Test func `the draft's fields are read in its new form and its old one`() {
        #expect(
            Self.read(("RateLimit", #""default";r=50;t=30, "daily, all";r=1;t=3600"#)).readings
                == [Self.calls(nil, 50, .seconds(30), "default"), Self.calls(nil, 1, .seconds(3600), "daily, all")])
        #expect(Self.read(("RateLimit", "limit=100, remaining=50, reset=5")).readings == [Self.calls(100, 50, .seconds(5))])
        #expect(
            Self.read(("RateLimit-Limit", "100, 100;w=60"), ("RateLimit-Remaining", "9"), ("RateLimit-Reset", "4")).readings
                == [Self.calls(100, 9, .seconds(4))])
    }

    @Test func `Meta's percentages pause a scope that is nearly used up`() {
        #expect(Self.read(("X-App-Usage", #"{"call_count":28,"total_time":25,"total_cputime":25}"#)).pause == nil)
        #expect(Self.read(("X-App-Usage", #"{"call_count":100,"total_time":25,"total_cputime":25}"#)).pause == .seconds(300))
        #expect(
            Self.read(
                (
                    "X-Business-Use-Case-Usage",
                    #"{"17841":[{"type":"instagram","call_count":100,"total_cputime":1,"total_time":1,"estimated_time_to_regain_access":19}]}"#
                )
            ).pause == .seconds(19 * 60))
        #expect(Self.read(("X-Ad-Account-Usage", #"{"acc_id_util_pct":99.5,"reset_time_duration":120}"#)).pause == .seconds(120))
    }

    @Test func `Retry-After is read in both forms`() {
        #expect(Self.read(("Retry-After", "120")).retryAfter == .seconds(120))
        #expect(Self.read(("Retry-After", "Thu, 01 Jan 2026 00:02:00 GMT")).retryAfter == .seconds(120))
        #expect(Self.read(("Retry-After", "Wed, 31 Dec 2025 00:00:00 GMT")).retryAfter == .zero)
        #expect(Self.read(("Retry-After", "0.25")).retryAfter == .milliseconds(250))
        #expect(Self.read(("Retry-After", "soon")).retryAfter == nil)
        #expect(Self.read(("Retry-After", "99999999999999999999999")).retryAfter == .seconds(86_400))
    }

    @Test func `an instant is as far away as the server's own clock says`() {
        let headers = Self.read(
            ("Date", "Thu, 01 Jan 2026 00:10:00 GMT"), ("X-RateLimit-Remaining", "0"), ("X-RateLimit-Reset", "2026-01-01T00:10:05Z"))
        #expect(headers.readings == [Self.calls(nil, 0, .seconds(5))])
    }

    @Test(arguments: [
        ("X-RateLimit-Remaining", "-1"), ("X-RateLimit-Remaining", "1e9"), ("X-RateLimit-Remaining", "many"), ("X-RateLimit-Remaining", ""),
        ("RateLimit", "\"a"), ("RateLimit", ";;;;"), ("RateLimit", "r=1;t=2"), ("X-App-Usage", "{"), ("X-App-Usage", "[[[[[[100]]]]]]"),
        ("X-RateLimit-Reset", "5"), ("X-RateLimit", "5"), ("X-RateLimit-Limit-Limit-Limit", "5"),
    ])
    func `what cannot be read is no limit`(name: String, value: String) {
        let headers = Self.read((name, value))
        #expect(headers.readings.isEmpty)
        #expect(headers.pause == nil)
    }

    @Test func `no input makes the parser fail or go out of bounds`() async {
        let random = SeededRandom(seed: 20_260_101)
        func pick(_ count: Int) -> Int { Int(random.next() % UInt64(count)) }
        for _ in 0..<20_000 {
            // Other tests run on the same threads.
            await Task.yield()
            let fields = (0..<pick(12)).map { _ in (Self.names[pick(Self.names.count)], Self.mutate(Self.values[pick(Self.values.count)], pick)) }
            let headers = LimitHeaders(fields, now: Self.now)
            #expect(headers.readings.count <= LimitHeaders.readingsMax)
            #expect(Set(headers.readings.map(\.name)).count == headers.readings.count)
            for reading in headers.readings {
                #expect(reading.remaining >= 0)
                #expect(reading.resetAfter >= .zero && reading.resetAfter <= LimitHeaders.resetMax)
                #expect(reading.window > .zero && reading.window <= LimitHeaders.resetMax)
                #expect(reading.name.utf8.count <= 25)
                #expect(reading.limit.map { $0 >= 0 } ?? true)
            }
            for span in [headers.retryAfter, headers.pause].compactMap({ $0 }) { #expect(span >= .zero && span <= LimitHeaders.resetMax) }
            #expect(LimitState.pause(headers) > .zero)
            #expect(LimitHeaders(fields, now: Self.now) == headers)
        }
    }

    private static let names = [
        "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset", "X-RateLimit-Reset-After", "x-rate-limit-reset", "RateLimit", "Date",
        "RateLimit-Policy", "ratelimit-remaining", "ratelimit-reset", "Retry-After", "retry-after-ms", "X-App-Usage", "X-Business-Use-Case-Usage",
        "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens", "anthropic-ratelimit-requests-remaining", "x-app-limit-24hour-reset", "X", "",
        "x-ratelimit-reset-after-reset", "ratelimit--remaining-", "X-RateLimit-Remaining-\u{1F980}",
    ]

    private static let values = [
        "100", "0", "1767225601", "1767225601000", "2026-01-01T00:05:00Z", "6m0s", "8.64s", "Thu, 01 Jan 2026 00:02:00 GMT", "100, 100;w=60",
        "\"default\";r=50;t=30", "limit=100, remaining=50, reset=5", #"{"call_count":100,"x":[{"estimated_time_to_regain_access":9e99}]}"#,
        "9223372036854775808", "-5", "NaN", "inf", "1e308", "0x10", "",
    ]

    /// Bytes dropped, doubled and replaced by whatever is hostile.
    private static func mutate(_ value: String, _ pick: (Int) -> Int) -> String {
        var bytes = Array(value.utf8)
        for _ in 0..<pick(4) {
            let place = pick(bytes.count + 1)
            switch pick(4) {
            case 0 where place < bytes.count: bytes.remove(at: place)
            case 1: bytes.insert([0x22, 0x3B, 0x2C, 0x3D, 0x00, 0xFF, 0x2E, 0x2D, 0x39, 0x20][pick(10)], at: place)
            case 2 where place < bytes.count: bytes[place] = UInt8(truncatingIfNeeded: pick(256))
            default: bytes += bytes.prefix(64)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
