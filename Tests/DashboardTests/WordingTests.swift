import Martlet
import MartletCore
import Testing

@testable import MartletHTTP

@Suite struct WordingTests {
    @Test(arguments: [
        (Duration.milliseconds(340), "340 ms", "340 ms"), (.milliseconds(1250), "1 s", "1.25 s"), (.milliseconds(1050), "1 s", "1.05 s"),
        (.milliseconds(12_500), "12 s", "12.5 s"), (.seconds(184), "3 min", "3 min 4 s"), (.seconds(3600), "1 h", "1 h"),
        (.seconds(7500), "2 h", "2 h 5 min"), (.seconds(3 * 86_400 + 4 * 3600), "3 d", "3 d 4 h"), (.zero, "0 ms", "0 ms"),
    ])
    func `durations are read at a glance`(duration: Duration, rough: String, exact: String) {
        #expect(TimeText.rough(duration) == rough)
        #expect(TimeText.exact(duration) == exact)
    }

    @Test func `times are counted from the store's time`() {
        let text = TimeText(now: Timestamp(seconds: 1000))
        #expect(text.relative(Timestamp(seconds: 988)) == "12 s ago")
        #expect(text.relative(Timestamp(seconds: 1180)) == "in 3 min")
        #expect(text.relative(Timestamp(microseconds: 1_000_200_000)) == "now")
        #expect(text.relative(.distantFuture) == "never")
    }

    @Test func `numbers are grouped from five digits on`() {
        #expect(NumberText.grouped(9999) == "9999")
        #expect(NumberText.grouped(1_234_567) == "1\u{202F}234\u{202F}567")
        #expect(NumberText.grouped(-12_345) == "−12\u{202F}345")
        #expect(NumberText.bytes(1) == "1 byte")
        #expect(NumberText.bytes(1536) == "1.5 KiB")
        #expect(NumberText.bytes(1 << 20) == "1 MiB")
        #expect(NumberText.percent(0.999) == "99\u{A0}%")
    }

    @Test func `JSON is laid out for people and keeps its digits`() throws {
        let payload = try Payload(json: #"{"n":12345678901234567890,"list":[1,{"a":"x<y\n"}],"empty":[],"none":{}}"#.utf8)
        let shown = JSONText(payload, limit: 1000)
        #expect(!shown.isCut)
        #expect(
            shown.text == """
                {
                  "n": 12345678901234567890,
                  "list": [
                    1,
                    {
                      "a": "x<y\\n"
                    }
                  ],
                  "empty": [],
                  "none": {}
                }
                """)
    }

    @Test(arguments: [10, 100, 5000])
    func `JSON is cut at its limit, between characters`(limit: Int) {
        let payload = Payload(.array(Array(repeating: .string(String(repeating: "é", count: 3000)), count: 10)))
        let shown = JSONText(payload, limit: limit)
        #expect(shown.isCut)
        #expect(shown.text.utf8.count <= limit)
        #expect(!shown.text.contains("\u{FFFD}"))
    }

    @Test func `terminal colours are taken off, other text is not`() {
        #expect(EventLine.withoutColours("\u{1B}[1;31mred\u{1B}[0m [x]") == "red [x]")
        #expect(EventLine.withoutColours("é\u{1B}[Kü\u{1B}[") == "éü")
        #expect(EventLine.withoutColours("\u{1B}") == "\u{1B}")
    }

    @Test func `a zone's clock knows its summer time`() throws {
        let clock = try #require(ZoneClock("Europe/Berlin"))
        #expect(clock.text(Timestamp(seconds: 1_782_892_800)) == "Wed 2026-07-01 10:00 +02:00")
        let south = try #require(ZoneClock("America/St_Johns"))
        #expect(south.text(Timestamp(seconds: 1_767_225_600)) == "Wed 2025-12-31 20:30 −03:30")
        #expect(ZoneClock("Nowhere/Atall") == nil)
    }

    @Test func `links hold any name in one segment`() {
        #expect(PageLink.queue("a/b ?#%é") == "/queues/a%2Fb%20%3F%23%25%C3%A9")
        #expect(PercentEncoding.decode(PageLink.encode("a/b ?#%é&=+")) == "a/b ?#%é&=+")
        #expect(PageLink.jobs([("queue", ""), ("kind", "x&y")]) == "/jobs?kind=x%26y")
        #expect(PageLink.jobs([("queue", "")]) == "/jobs")
    }

    @Test func `an example command holds no name that a shell would take apart`() {
        let example = ExampleCommand(authority: "localhost:1")
        #expect(example.enqueue(queue: "media").contains(#""queue": "media""#))
        #expect(example.enqueue(queue: "x'; rm -rf ~").contains(#""queue": "default""#))
    }
}
