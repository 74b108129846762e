import NIOCore
import Testing

@testable import RedisStore

@Suite struct RESPParserTests {
    private static func parse(_ pieces: [ByteBuffer], _ limits: RESPLimits = RESPLimits()) throws(RESPFault) -> [RESPValue] {
        var parser = RESPParser(limits)
        var values: [RESPValue] = []
        for piece in pieces {
            parser.append(piece)
            while let value = try parser.next() { values.append(value) }
        }
        return values
    }

    private static func parse(_ text: String, _ limits: RESPLimits = RESPLimits()) throws(RESPFault) -> [RESPValue] {
        try parse([ByteBuffer(string: text)], limits)
    }

    private static func bytes(_ text: String) -> RESPValue { .bytes(ByteBuffer(string: text)) }

    @Test func `every type of both protocols is read`() throws {
        let text =
            "+OK\r\n-ERR no\r\n:-42\r\n$5\r\na\r\nb \r\n$0\r\n\r\n$-1\r\n*-1\r\n*0\r\n*2\r\n:1\r\n*1\r\n+x\r\n_\r\n#t\r\n#f\r\n,3.25\r\n,inf\r\n"
            + "(123456789012345678901234567890\r\n!5\r\nERR x\r\n=7\r\ntxt:abc\r\n%1\r\n+k\r\n:1\r\n"
            + "~1\r\n:7\r\n>2\r\n+a\r\n+b\r\n|1\r\n+k\r\n+v\r\n:9\r\n"
        #expect(
            try Self.parse(text) == [
                Self.bytes("OK"), .refusal(RedisRefusal(reply: "ERR no")), .integer(-42), Self.bytes("a\r\nb "), Self.bytes(""), .null, .null,
                .array([]), .array([.integer(1), .array([Self.bytes("x")])]), .null, .boolean(true), .boolean(false), .double(3.25),
                .double(.infinity), Self.bytes("123456789012345678901234567890"), .refusal(RedisRefusal(reply: "ERR x")), Self.bytes("abc"),
                .map([Self.bytes("k"), .integer(1)]), .array([.integer(7)]), .push([Self.bytes("a"), Self.bytes("b")]), .integer(9),
            ])
    }

    @Test(arguments: 0..<60) func `however a stream is cut, the replies are the same`(seed: UInt64) throws {
        let maker = ReplyMaker(seed: seed)
        let replies = (0..<40).map { _ in maker.reply() }
        let stream = replies.flatMap(maker.spell)
        #expect(try Self.parse([ByteBuffer(bytes: stream)]) == replies)
        #expect(try Self.parse(stream.map { ByteBuffer(bytes: [$0]) }) == replies)
        for _ in 0..<5 { #expect(try Self.parse(maker.pieces(stream)) == replies) }
    }

    @Test(arguments: 0..<60) func `damaged streams end in replies or in a fault`(seed: UInt64) throws {
        let maker = ReplyMaker(seed: seed)
        var limits = RESPLimits()
        limits.string = 100_000
        limits.values = 10_000
        for _ in 0..<50 {
            var stream = (0..<4).map { _ in maker.reply() }.flatMap(maker.spell)
            for _ in 0...maker.number(below: 4) where !stream.isEmpty {
                let place = maker.number(below: stream.count)
                switch maker.number(below: 3) {
                case 0: stream[place] = UInt8(truncatingIfNeeded: maker.number(below: 256))
                case 1: stream.removeSubrange(place..<min(stream.count, place + maker.number(below: 20)))
                default: stream.insert(contentsOf: Array("*99999999\r\n$-7\r\n".utf8.prefix(1 + maker.number(below: 16))), at: place)
                }
            }
            // The same bytes mean the same, cut or whole.
            let whole = Result { () throws(RESPFault) in try Self.parse([ByteBuffer(bytes: stream)], limits) }
            let cut = Result { () throws(RESPFault) in try Self.parse(maker.pieces(stream), limits) }
            #expect(whole == cut)
        }
    }

    @Test(arguments: [
        ("HTTP/1.1 400 Bad Request\r\n", RESPFault.unknownType(UInt8(ascii: "H"))), ("\r\n", .unknownType(13)), (":12x\r\n", .badNumber),
        (":\r\n", .badNumber), (":99999999999999999999\r\n", .badNumber), ("$abc\r\n", .badLength), ("$-2\r\n", .badLength), ("*-2\r\n", .badLength),
        ("$3\r\nabcd\r\n", .unterminated), ("+OK\rX", .unterminated), ("#x\r\n", .badLength), (",one\r\n", .badNumber), ("_x\r\n", .badLength),
        ("=3\r\nabc\r\n", .badLength), ("$?\r\n", .badLength), ("%-1\r\n", .badLength),
    ])
    func `what is no reply is a fault, and stays one`(text: String, fault: RESPFault) throws {
        var parser = RESPParser()
        parser.append(ByteBuffer(string: ":1\r\n" + text))
        #expect(try parser.next() == .integer(1))
        #expect(throws: fault) { try parser.next() }
        parser.append(ByteBuffer(string: ":1\r\n"))
        #expect(throws: fault) { try parser.next() }
    }

    @Test func `nothing goes over its limit`() throws {
        let limits = RESPLimits(line: 100, string: 1000, reply: 2000, values: 20, depth: 3)
        let long = String(repeating: "x", count: 99)
        #expect(try Self.parse("+\(long)\r\n", limits).count == 1)
        #expect(throws: RESPFault.tooLong(bytesMax: 100)) { try Self.parse("+\(long)xx\r\n", limits) }
        #expect(throws: RESPFault.tooLong(bytesMax: 100)) { try Self.parse(["+", long, "xxxxx"].map { ByteBuffer(string: $0) }, limits) }
        #expect(throws: RESPFault.tooLong(bytesMax: 1000)) { try Self.parse("$1001\r\n", limits) }
        let part = "$900\r\n" + String(repeating: "x", count: 900) + "\r\n"
        #expect(try Self.parse("*2\r\n" + part + part, limits).count == 1)
        #expect(throws: RESPFault.tooLong(bytesMax: 2000)) { try Self.parse("*3\r\n" + part + part + part, limits) }
        #expect(throws: RESPFault.tooManyValues(max: 20)) { try Self.parse("*21\r\n", limits) }
        #expect(throws: RESPFault.tooManyValues(max: 20)) {
            try Self.parse("*4\r\n" + String(repeating: "*9\r\n" + String(repeating: ":1\r\n", count: 9), count: 4), limits)
        }
        #expect(try Self.parse("*1\r\n*1\r\n*1\r\n:1\r\n", limits).count == 1)
        #expect(throws: RESPFault.tooDeep(max: 3)) { try Self.parse("*1\r\n*1\r\n*1\r\n*1\r\n", limits) }
    }

    @Test func `a length that is only claimed takes no memory`() throws {
        // Each of these claims gigabytes.
        for _ in 0..<1000 {
            var parser = RESPParser()
            parser.append(ByteBuffer(string: String(repeating: "*4000000\r\n", count: 30) + "$200000000\r\nx"))
            #expect(try parser.next() == nil)
        }
    }

    @Test func `a long string in many pieces is joined once, not once for each piece`() throws {
        var parser = RESPParser()
        let piece = ByteBuffer(repeating: 7, count: 4096)
        parser.append(ByteBuffer(string: "*2\r\n+first\r\n$\(4096 * 2500)\r\n"))
        for _ in 0..<2500 {
            #expect(try parser.next() == nil)
            parser.append(piece)
        }
        parser.append(ByteBuffer(string: "\r\n"))
        let reply = try #require(try parser.next()?.elements)
        #expect(reply[0].string == "first")
        #expect(reply[1].buffer?.readableBytes == 4096 * 2500)
    }
}
