import Logging
import MartletCore
import Testing

@testable import MartletCLI

struct WordingTests {
    @Test(arguments: [
        (Duration.microseconds(12), "12 µs"), (.milliseconds(450), "450 ms"), (.milliseconds(2450), "2.4 s"), (.seconds(59), "59 s"),
        (.seconds(200), "3 min 20 s"), (.seconds(3600), "1 h"), (.seconds(100_000), "1 d 3 h"), (.seconds(-5), "0 µs"),
    ])
    func `durations are said as people say them`(duration: Duration, text: String) {
        #expect(Wording.duration(duration) == text)
    }

    @Test func `times are relative to now`() {
        let now = Timestamp(seconds: 1_000_000)
        #expect(Wording.relative(now + .seconds(90), now: now) == "in 1 min 30 s")
        #expect(Wording.relative(now - .seconds(3600), now: now) == "1 h ago")
        #expect(Wording.relative(now, now: now) == "now")
        #expect(Wording.relative(.distantFuture, now: now) == "never")
    }

    @Test func `large numbers have gaps`() {
        #expect(Wording.count(1_234_567) == "1 234 567")
        #expect(Wording.count(-1000) == "-1 000")
        #expect(Wording.count(7) == "7")
        #expect(Wording.plural(1, "job") == "1 job")
        #expect(Wording.plural(2000, "job") == "2 000 jobs")
    }

    @Test func `sizes have units`() {
        #expect(Wording.bytes(512) == "512 B")
        #expect(Wording.bytes(1536) == "1.5 KiB")
        #expect(Wording.bytes(20 << 20) == "20 MiB")
    }

    @Test func `a slot is shown in its zone`() {
        #expect(LocalTime.text(Timestamp(seconds: 1_774_746_000), zone: "Europe/Berlin") == "Sun 2026-03-29 03:00:00 +02:00")
        #expect(LocalTime.text(Timestamp(seconds: 1_774_746_000), zone: "America/New_York") == "Sat 2026-03-28 21:00:00 -04:00")
        #expect(LocalTime.text(Timestamp(seconds: 1_774_746_000), zone: "UTC") == "Sun 2026-03-29 01:00:00 +00:00")
    }

    @Test func `a progress bar is as full as the work`() {
        #expect(ProgressBar.line(0, "x") == String(repeating: "░", count: 28) + "   0 %  x")
        #expect(ProgressBar.line(0.5, "x") == String(repeating: "█", count: 14) + String(repeating: "░", count: 14) + "  50 %  x")
        #expect(ProgressBar.line(2, "x") == String(repeating: "█", count: 28) + " 100 %  x")
        #expect(ProgressBar.line(nil, "7 jobs") == "7 jobs")
    }

    @Test func `a log line has its columns, its quotes and nothing that moves the cursor`() {
        let line = TerminalLogHandler.line(Timestamp(seconds: 0), .warning, "slow", [("queue", "media"), ("reason", "a \"b\"\u{1B}")])
        #expect(line == "1970-01-01T00:00:00.000Z WARNING  slow queue=media reason=\"a \\\"b\\\"\u{FFFD}\"")
    }
}
