import MartletCore
import Testing

@Suite struct JobIDTests {
    @Test func `an id is a UUID of version 7 that holds its milliseconds`() {
        // The example of RFC 9562, appendix A.6.
        let id = JobID(at: Timestamp(microseconds: 1_645_557_742_000_000), random: (0xCC3, 0x18C4_DC0C_0C07_398F))
        #expect(id.description == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f")
        #expect(id.timestamp == Timestamp(microseconds: 1_645_557_742_000_000))
    }

    @Test func `ids of later milliseconds sort later, as values and as text`() {
        let random = SeededRandom(seed: 3)
        var last = JobID(at: .epoch, random: (0, 0))
        for step in 1...500 {
            let id = JobID(at: Timestamp(microseconds: Int64(step) * 997_000), random: (random.next(), random.next()))
            #expect(last < id)
            #expect(last.description < id.description)
            last = id
        }
    }

    @Test func `every id survives being written and read, in either case`() {
        let random = SeededRandom(seed: 4)
        for _ in 0..<500 {
            let id = JobID(high: random.next(), low: random.next())
            #expect(JobID(id.description) == id)
            #expect(JobID(id.description.uppercased()) == id)
        }
    }

    @Test(arguments: [
        "", "017f22e2-79b0-7cc3-98c4-dc0c0c07398", "017f22e2-79b0-7cc3-98c4-dc0c0c07398ff", "017f22e279b07cc398c4dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
        "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}", "017f22e2_79b0-7cc3-98c4-dc0c0c07398f", " 17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        "017f22e2-79b0-7cc3-98c4-dc0c0c07398f ",
    ])
    func `what is no UUID is refused`(text: String) {
        #expect(JobID(text) == nil)
    }

    @Test func `a time before 1970 makes an id all the same`() {
        #expect(JobID(at: Timestamp(seconds: -5), random: (0, 0)).timestamp == .epoch)
    }
}
