import MartletCore
import NIOCore
import Testing

@testable import MartletHTTP

@Suite(.timeLimit(.minutes(1)))
struct StreamPagesTests {
    private func events(_ range: ClosedRange<Int>, type: String = "n", data: String = "1") throws -> [Event] {
        try range.map {
            Event(stream: "s", sequence: $0, at: Timestamp(microseconds: 0), type: type, data: Payload(try JSON(parsing: data)))
        }
    }

    @Test func `The newest pages are kept, one behind the other, without a gap`() throws {
        var ring = PageRing()
        #expect(ring.slice(after: 0) == nil)
        ring.add(StreamPage(try events(1...4)))
        ring.add(StreamPage(try events(3...6)))
        #expect(ring.slice(after: 0).map { [$0.first, $0.last] } == [1, 4])
        #expect(ring.slice(after: 4).map { [$0.first, $0.last] } == [5, 6])
        #expect(ring.slice(after: 6) == nil)
        ring.add(StreamPage(try events(9...9)))
        #expect(ring.slice(after: 4) == nil, "what is before a gap is not at hand")
        #expect(ring.slice(after: 8).map { [$0.first, $0.last] } == [9, 9])
        ring.add(StreamPage(try events(2...5)))
        #expect(ring.last == 9, "older pages are not kept")
    }

    @Test func `The ring is bounded, and large events are read few at a time`() throws {
        var (ring, limit) = (PageRing(), PageLimit())
        let large = "\"" + String(repeating: "a", count: 100_000) + "\""
        for number in 1...20 { ring.add(StreamPage(try events(number...number, data: large))) }
        #expect(ring.bytes <= PageRing.bytesMax && ring.last == 20)
        limit.learn(events: 64, bytes: 64 * 100_000)
        #expect(limit.events == PageLimit.range.lowerBound)
        for _ in 0..<10 { limit.learn(events: 4, bytes: 400) }
        #expect(limit.events == PageLimit.range.upperBound)
    }

    @Test func `S0-29 A message is encoded once, and every reader gets a slice of the same memory`() throws {
        let page = StreamPage(try events(1...100))
        let whole = page.encoded(as: .frame)
        let (part, last) = PageSlice(page, after: 40).encoded(as: .frame, bytesMax: 300)
        let rest = PageSlice(page, after: last).encoded(as: .frame, bytesMax: 1 << 20)
        #expect(last > 41 && part.readableBytes <= 300 && rest.last == 100)
        let joined = Array(part.readableBytesView) + Array(rest.bytes.readableBytesView)
        #expect(joined == Array(whole.slice(from: 40).readableBytesView))
        let addresses = [whole.slice(from: 0), page.encoded(as: .frame).slice(from: 0)].map { buffer in
            buffer.withUnsafeReadableBytes { UInt(bitPattern: $0.baseAddress) }
        }
        #expect(addresses[0] == addresses[1])
    }

    @Test func `Readers who want the same are one read of the store`() async throws {
        let memory = MemoryStore(environment: .system)
        _ = try await memory.append((1...10).map { _ in NewEvent(stream: "s", type: "n", data: Payload(.null)) })
        let pages = StreamPages(store: memory)
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<500 { group.addTask { try await pages.read("s", after: 0).position } }
            for try await position in group { #expect(position == 10) }
        }
        #expect(pages.reads == 1)
        #expect(try await pages.read("s", after: 4).slice?.first == 5)
        #expect(pages.reads == 1)
        let end = try await pages.read("s", after: 10)
        #expect(end.slice == nil && end.end == .reached && pages.reads == 2)
    }

    @Test func `A store that fails fails all who wait for it, and is asked anew by the next`() async throws {
        let pages = StreamPages(store: UnreachableStore())
        for _ in 0..<2 { await #expect(throws: UnreachableStore.error) { try await pages.read("s", after: 0) } }
        #expect(pages.reads == 2)
    }

    @Test func `A reader that was too slow is spared progress that is out of date, and can see that nothing else is missing`() throws {
        let stream = try events(1...3, type: "progress") + events(4...4) + events(5...6, type: "progress") + events(7...7)
        let kept = Conflation.keep(stream)
        #expect(kept.map(\.event.sequence) == [4, 6, 7])
        #expect(kept.map(\.skipped) == [3, 1, 0])
        let page = LivePage(StreamRead(after: 1, slice: PageSlice(StreamPage(stream), after: 1), gap: nil, end: .reached), isLagging: true)
        #expect(page.position == 7 && page.isDrained)
        #expect(String(decoding: page.bytes.readableBytesView, as: UTF8.self).contains(#""skipped":2}"#))
    }
}
