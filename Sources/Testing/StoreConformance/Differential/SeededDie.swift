import MartletCore

/// Choices that follow from a seed.
struct SeededDie: Sendable {
    private let random: SeededRandom

    init(seed: UInt64) {
        random = SeededRandom(seed: seed)
    }

    func word() -> UInt64 { random.next() }

    /// From 0 to below `sides`.
    func roll(_ sides: Int) -> Int { Int(random.next() % UInt64(sides)) }

    func pick<Element>(_ elements: [Element]) -> Element { elements[roll(elements.count)] }
}
