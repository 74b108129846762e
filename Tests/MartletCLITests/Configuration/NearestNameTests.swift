import MartletCore
import Testing

@testable import MartletCLI

struct NearestNameTests {
    @Test(arguments: [
        ("concurency", "concurrency"), ("per-tenant", "per_tenant"), ("Retention", "retention"), ("rtae", "rate"), ("nothing-like-it", nil),
        ("", nil),
    ])
    func `a slip of the fingers is recognised`(typed: String, meant: String?) {
        #expect(NearestName.of(typed, among: QueuePolicy.known) == meant)
    }

    @Test func `a swap of two letters is one mistake`() {
        #expect(NearestName.distance(Array("rtae"), Array("rate")) == 1)
        #expect(NearestName.distance(Array("kitten"), Array("sitting")) == 3)
        #expect(NearestName.distance([], Array("abc")) == 3)
    }
}
