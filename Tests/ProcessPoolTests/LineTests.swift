import MartletCore
import Testing

@testable import ProcessPool

@Suite struct LineTests {
    private func lines(_ chunks: [String], keptMax: Int, objectMax: Int = 0) -> [OutputLine] {
        var splitter = LineSplitter(keptMax: keptMax, objectMax: objectMax)
        var lines: [OutputLine] = []
        for chunk in chunks {
            lines += Array(chunk.utf8).withUnsafeBytes { splitter.feed($0) }
        }
        return lines + [splitter.finish()].compactMap(\.self)
    }

    @Test func `lines come out the same however the stream is cut into chunks`() {
        let text = "one\r\n\n{\"a\":1}\nlong line here\r\nlast"
        let whole = lines([text], keptMax: 8)
        for size in 1...text.utf8.count {
            let bytes = Array(text.utf8)
            let chunks = stride(from: 0, to: bytes.count, by: size).map { String(decoding: bytes[$0..<min($0 + size, bytes.count)], as: UTF8.self) }
            #expect(lines(chunks, keptMax: 8) == whole)
        }
        #expect(whole.map { String(decoding: $0.bytes, as: UTF8.self) } == ["one", "", "{\"a\":1}", "long lin", "last"])
        #expect(whole.map(\.isCut) == [false, false, false, true, false])
    }

    @Test func `only what may be a control line is kept beyond the line limit`() {
        let object = "{" + String(repeating: "x", count: 30)
        #expect(lines([object], keptMax: 8, objectMax: 20)[0].bytes.count == 20)
        #expect(lines([" " + object], keptMax: 8, objectMax: 20)[0].bytes.count == 8)
    }

    @Test(arguments: 1...12)
    func `a cut never splits a character`(bytesMax: Int) {
        let text = "aü€😀b"
        let line = OutputLine(bytes: Array(text.utf8), length: text.utf8.count)
        let cut = line.text(bytesMax: bytesMax)
        guard bytesMax < text.utf8.count else {
            #expect(cut == text)
            return
        }
        let kept = cut.prefix { $0 != " " }
        #expect(text.hasPrefix(kept) && kept.utf8.count <= bytesMax && kept.utf8.count > bytesMax - 4)
    }

    @Test(arguments: [
        "{\"martlet\":1}", "{\"martlet\":\"retry\",\"after\":-1}", "{\"martlet\":\"retry\"}", "{\"martlet\":\"result\"}", "{\"martlet\":\"dance\"}",
        "{\"martlet\":{}}", "[\"martlet\"]", "{\"martlet\":\"progress\",\"fraction\":\"0.4\"}", "{\"martlet\":\"result\",\"value\":1",
    ])
    func `what only looks like a control line is output`(text: String) {
        #expect(ControlLine(OutputLine(bytes: Array(text.utf8), length: text.utf8.count)) == nil)
    }

    @Test func `a control line's values are held within their ranges`() {
        let control = { (text: String) in ControlLine(OutputLine(bytes: Array(text.utf8), length: text.utf8.count)) }
        #expect(control("{\"martlet\":\"progress\",\"fraction\":7}") == .progress(Progress(fraction: 1)))
        #expect(control("{\"martlet\":\"retry\",\"after\":1e300}") == .retry(after: Limits.delay))
        #expect(control("{\"martlet\":{\"result\":null}}") == .result(.null))
    }

    @Test func `after the first byte too many nothing more is forwarded`() {
        var meter = OutputMeter(bytesMax: 10)
        #expect([6, 4, 1, 1].map { meter.count($0) } == [.forward, .forward, .announce, .drop])
    }
}
