import MartletCore
import Testing

@testable import MartletHTTP

struct JSONWriterTests {
    private func written(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }

    @Test func `Times are spelled as the core spells them`() {
        let random = SeededRandom(seed: 7)
        for _ in 0..<1000 {
            let time = Timestamp(microseconds: Int64(random.next() % 253_402_300_800_000_000))
            for time in [time, Timestamp(seconds: time.microseconds / 1_000_000), Timestamp(microseconds: time.microseconds / 1000 * 1000)] {
                #expect(written { $0.value(time) } == "\"\(time)\"")
            }
        }
        for time in [Timestamp.epoch, .distantFuture, Timestamp(microseconds: -1)] { #expect(written { $0.value(time) } == "\"\(time)\"") }
    }

    @Test(arguments: ["plain", "", "quo\"te", "back\\slash", "line\nbreak\ttab", "<script>", "é漢🎈", "\u{1}"])
    func `Texts come back as they were`(_ text: String) throws {
        let json = written { writer in
            writer.beginObject()
            writer.name(text)
            writer.value(text)
            writer.endObject()
        }
        #expect(try JSON(parsing: json) == .object([.init(text, .string(text))]))
    }

    @Test func `Commas stand between what follows one another, and nowhere else`() {
        let json = written { writer in
            writer.beginObject()
            writer.member("a", 1)
            writer.array("b", [1, 2]) { $0.value($1) }
            writer.array("c", [Int]()) { $0.value($1) }
            writer.name("d")
            writer.beginArray()
            writer.beginObject()
            writer.endObject()
            writer.null()
            writer.endArray()
            writer.member("e", true)
            writer.endObject()
        }
        #expect(json == #"{"a":1,"b":[1,2],"c":[],"d":[{},null],"e":true}"#)
    }

    @Test(arguments: [(Duration.seconds(60), "60"), (.milliseconds(1500), "1.5"), (.zero, "0"), (.microseconds(1), "1e-06")])
    func `Durations are numbers of seconds`(_ duration: Duration, _ text: String) {
        #expect(written { $0.value(duration) } == text)
    }
}
