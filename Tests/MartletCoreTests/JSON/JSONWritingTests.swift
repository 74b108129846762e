import MartletCore
import Testing

@Suite struct JSONWritingTests {
    @Test(arguments: [
        "12345678901234567890123", "-0", "1.0", "1.50", "1E400", "0.1e-7", "9007199254740993",
    ])
    func `a number keeps its digits`(digits: String) throws {
        #expect(try JSON(parsing: "[\(digits)]").description == "[\(digits)]")
    }

    @Test func `members keep their order and white space goes`() throws {
        #expect(try JSON(parsing: " { \"b\" : [ 1 , 2 ] , \"a\" : null } ").description == "{\"b\":[1,2],\"a\":null}")
    }

    @Test func `control characters and the less-than sign are escaped and the rest is left`() {
        #expect(JSON.string("\u{0}\u{1F}\n\r\t\"\\</script>é😀").description == "\"\\u0000\\u001f\\n\\r\\t\\\"\\\\\\u003c/script>é😀\"")
    }

    @Test func `every string survives being written and read`() throws {
        for value in UInt32(0)...0x2FF {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let text = "x" + String(Character(scalar)) + "y"
            #expect(try JSON(parsing: JSON.string(text).utf8) == .string(text))
        }
    }

    @Test func `random values survive being written and read`() throws {
        let random = SeededRandom(seed: 7)
        for _ in 0..<300 {
            let value = Self.value(random, depth: 0)
            #expect(try JSON(parsing: value.utf8) == value)
        }
    }

    private static func value(_ random: SeededRandom, depth: Int) -> JSON {
        switch random.next() % (depth > 4 ? 5 : 7) {
        case 0: .null
        case 1: .bool(random.next() % 2 == 0)
        case 2: .integer(Int64(bitPattern: random.next()))
        case 3: .real(Double(Int64(bitPattern: random.next())) / 1000)
        case 4: .string(String((0..<random.next() % 6).compactMap { _ in Unicode.Scalar(UInt32(random.next() % 0x11_0000)).map(Character.init) }))
        case 5: .array((0..<random.next() % 4).map { _ in value(random, depth: depth + 1) })
        default: .object((0..<random.next() % 12).map { .init("m\($0)", value(random, depth: depth + 1)) })
        }
    }

    @Test func `what JSON cannot say is written as null`() {
        #expect(JSON.real(.nan) == .null)
        #expect(JSON.real(.infinity) == .null)
        #expect(JSON.real(0.5).description == "0.5")
    }

    @Test func `accessors answer only for their own kind`() throws {
        let json = try JSON(parsing: "{\"i\":3,\"r\":1.5,\"s\":\"t\",\"b\":true,\"n\":null}")
        #expect(json["i"]?.integerValue == 3 && json["i"]?.doubleValue == 3 && json["i"]?.stringValue == nil)
        #expect(json["r"]?.integerValue == nil && json["r"]?.doubleValue == 1.5)
        #expect(json["s"]?.stringValue == "t" && json["s"]?.boolValue == nil)
        #expect(json["b"]?.boolValue == true && json["n"]?.isNull == true && json["missing"] == nil)
        #expect(JSON.array([1])["i"] == nil)
    }
}
