import MartletCore

/// The numbers that stand for the states of a step in the file. Part of its format: never changed.
extension Step.State {
    var code: Int { self == .done ? 1 : 0 }
}
