import MartletCore

/// One measured number.
struct BenchFigure: Sendable {
    let scenario: String
    /// What it is, as in `p99`.
    let name: String
    let value: Double
    let unit: String

    var json: JSON {
        ["scenario": .string(scenario), "name": .string(name), "value": .real(value), "unit": .string(unit)]
    }

    /// The value with as many digits as mean something.
    var text: String {
        value >= 1000 ? Wording.count(Int(value.rounded())) : Wording.decimal(value, value >= 100 ? 0 : value >= 1 ? 2 : 3)
    }
}
