import MartletCore

/// Decisions from one generator.
struct Dice: Sendable {
    private let random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    func word() -> UInt64 { random.next() }

    /// 0..<limit
    func below(_ limit: Int) -> Int { Int(random.next() % UInt64(limit)) }

    func within(_ range: ClosedRange<Int>) -> Int { range.lowerBound + below(range.count) }

    /// `true` so many times in a thousand.
    func chance(_ perMille: Int) -> Bool { below(1000) < perMille }

    func pick<Element>(_ elements: [Element]) -> Element { elements[below(elements.count)] }

    /// Whole milliseconds.
    func milliseconds(_ range: ClosedRange<Int>) -> Duration { .milliseconds(within(range)) }
}
