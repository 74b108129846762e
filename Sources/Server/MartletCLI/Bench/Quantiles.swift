import MartletCore

/// Where the values of a sample lie.
struct Quantiles: Sendable {
    private let sorted: [Duration]

    init(_ values: [Duration]) {
        sorted = values.sorted()
    }

    /// The smallest value that at least this share of the sample does not exceed (nearest rank).
    /// - Parameter share: above 0, at most 1.
    func at(_ share: Double) -> Duration {
        guard !sorted.isEmpty else { return .zero }
        let rank = Int((share * Double(sorted.count)).rounded(.up))
        return sorted[min(max(rank, 1), sorted.count) - 1]
    }

    /// p50 and p99 in milliseconds.
    /// - Parameter prefix: in front of their names, where a scenario has several.
    func figures(_ scenario: String, _ prefix: String = "") -> [BenchFigure] {
        [("p50", 0.5), ("p99", 0.99)].map { name, share in
            BenchFigure(scenario: scenario, name: prefix + name, value: at(share).inSeconds * 1000, unit: "ms")
        }
    }
}
