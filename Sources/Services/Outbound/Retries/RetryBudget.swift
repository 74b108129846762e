/// Keeps retries a small share of calls, so that they never multiply the load of what is overloaded (Marius Eriksen, "Your Server as a Function",
/// 2013; Finagle's RetryBudget). Starts full; a first attempt saves up a tenth of a retry.
struct RetryBudget: Sendable, Hashable {
    private let tenthsMax: Int
    private var tenths: Int

    init(retries: Int) {
        tenthsMax = retries * 10
        tenths = tenthsMax
    }

    mutating func deposit() { tenths = min(tenthsMax, tenths + 1) }

    mutating func withdraw() -> Bool {
        guard tenths >= 10 else { return false }
        tenths -= 10
        return true
    }
}
