import Testing

@testable import MartletHTTP

struct LineSplitterTests {
    @Test(arguments: 1...9)
    func `Lines come out the same however the bytes are cut`(_ size: Int) {
        let text = Array("one\ntwo\n\nthree, longer\nfour".utf8)
        var splitter = LineSplitter()
        var lines: [String] = []
        for start in stride(from: 0, to: text.count, by: size) {
            splitter.add(text[start..<min(start + size, text.count)]) { lines.append(String(decoding: $0, as: UTF8.self)) }
        }
        splitter.finish { lines.append(String(decoding: $0, as: UTF8.self)) }
        #expect(lines == ["one", "two", "", "three, longer", "four"])
    }
}
