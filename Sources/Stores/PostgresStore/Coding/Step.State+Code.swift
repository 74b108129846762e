import MartletCore

/// The numbers that stand for the states of a step in the tables. Part of their format: never changed.
extension Step.State {
    var code: Int { self == .done ? 1 : 0 }
}
