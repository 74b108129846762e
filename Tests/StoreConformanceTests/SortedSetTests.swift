import StoreConformance
import Testing

@testable import MartletCore

@Suite("Sorted sets")
struct SortedSetTests {
    @Test("A sorted set holds what a set holds, in order", arguments: 1...20)
    func aSortedSetHoldsWhatASetHolds(_ seed: UInt64) {
        let random = SeededRandom(seed: seed)
        var sorted = SortedSet<Int>()
        var model: Set<Int> = []
        for round in 0..<4000 {
            let element = Int(random.next() % 1500)
            if random.next() % (round < 2000 ? 3 : 2) == 0 {
                sorted.remove(element)
                model.remove(element)
            } else {
                sorted.insert(element)
                model.insert(element)
            }
        }
        let expected = model.sorted()
        #expect(sorted.count == model.count)
        #expect(Array(sorted) == expected)
        #expect(Array(sorted.reversed()) == expected.reversed())
        #expect((0..<1500).allSatisfy { sorted.contains($0) == model.contains($0) })
        #expect(sorted.first == expected.first && sorted.last == expected.last)
        for bound in stride(from: -1, through: 1501, by: 37) {
            #expect(Array(sorted[sorted.lowerBound(of: bound)...]) == expected.filter { $0 >= bound })
        }
        for element in expected { sorted.remove(element) }
        #expect(sorted.isEmpty && sorted == SortedSet())
    }
}
