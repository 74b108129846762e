import MartletCore
import Testing

@Suite struct CellRateTests {
    @Test func `a fresh bucket gives its burst at once and then one each interval`() {
        let rate = Rate(count: 10, per: .seconds(10), burst: 3)
        var bucket = CellRate()
        let start = Timestamp(seconds: 1_000_000)
        #expect(bucket.available(rate, at: start) == 3)
        bucket.take(3, rate, at: start)
        #expect(bucket.available(rate, at: start) == 0)
        #expect(bucket.delay(until: 1, rate, at: start) == .seconds(1))
        #expect(bucket.available(rate, at: start + .milliseconds(999)) == 0)
        #expect(bucket.available(rate, at: start + .seconds(1)) == 1)
        #expect(bucket.available(rate, at: start + .seconds(100)) == 3)
    }

    @Test(arguments: [UInt64(1), 2, 3, 4, 5, 6])
    func `no window ever holds more than the burst and what its length allows`(seed: UInt64) {
        let random = SeededRandom(seed: seed)
        let count = Int(random.next() % 50) + 1
        let rate = Rate(count: count, per: .milliseconds(Int64(random.next() % 5000) + 1), burst: Int(random.next() % UInt64(count)) + 1)
        var bucket = CellRate()
        var now = Timestamp(seconds: 1_700_000_000)
        var starts: [Int64] = []
        for _ in 0..<400 {
            now = now + .microseconds(Int64(random.next() % 200_000))
            let available = bucket.available(rate, at: now)
            #expect((0...rate.burst).contains(available))
            let taken = available == 0 ? 0 : Int(random.next() % UInt64(available + 1))
            if taken > 0 { bucket.take(taken, rate, at: now) }
            #expect(bucket.available(rate, at: now) == available - taken)
            starts += Array(repeating: now.microseconds, count: taken)
        }
        let interval = Double(rate.per.microseconds) / Double(count)
        for first in starts.indices {
            for last in first..<starts.count where last - first + 1 > rate.burst {
                let allowed = Double(rate.burst) + Double(starts[last] - starts[first]) / interval
                #expect(Double(last - first + 1) <= allowed + 1e-6)
            }
        }
    }

    @Test func `whoever takes all there is gets exactly the rate`() {
        let rate = Rate(count: 7, per: .seconds(1))
        var bucket = CellRate()
        let start = Timestamp(seconds: 1_000_000)
        var taken = 0
        for step in 0...10_000 {
            let now = start + .milliseconds(Int64(step))
            let available = bucket.available(rate, at: now)
            if available > 0 { bucket.take(available, rate, at: now) }
            taken += available
        }
        #expect(taken == 7 + 69)
    }

    @Test func `after the delay that was named there is what was asked for, and not before`() {
        let random = SeededRandom(seed: 11)
        let rate = Rate(count: 9, per: .seconds(2), burst: 6)
        var bucket = CellRate()
        var now = Timestamp(seconds: 5000)
        for _ in 0..<300 {
            let wanted = Int(random.next() % 6) + 1
            let delay = bucket.delay(until: wanted, rate, at: now)
            if delay > .zero { #expect(bucket.available(rate, at: now + delay - .microseconds(1)) < wanted) }
            now = now + delay
            #expect(bucket.available(rate, at: now) >= wanted)
            bucket.take(wanted, rate, at: now)
        }
    }

    @Test func `what was given back can be taken again`() {
        let rate = Rate(count: 4, per: .seconds(1))
        var bucket = CellRate()
        let now = Timestamp(seconds: 5000)
        bucket.take(4, rate, at: now)
        bucket.giveBack(2, rate)
        #expect(bucket.available(rate, at: now) == 2)
    }

    @Test func `a rate outside its bounds is refused`() {
        #expect(Rate(count: 1, per: .microseconds(1)).fault == nil)
        #expect(Rate(count: 1_000_000_000, per: .seconds(366 * 86_400)).fault == nil)
        for rate in [
            Rate(count: 0, per: .seconds(1)), Rate(count: 1, per: .zero), Rate(count: 1, per: .seconds(367 * 86_400)),
            Rate(count: 5, per: .seconds(1), burst: 6), Rate(count: 5, per: .seconds(1), burst: 0), Rate(count: 1_000_000_001, per: .seconds(1)),
        ] {
            #expect(rate.fault != nil)
        }
    }
}
