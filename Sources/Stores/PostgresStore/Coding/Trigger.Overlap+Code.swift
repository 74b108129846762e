import MartletCore

/// The numbers that stand for overlap policies in the tables. Part of their format: never changed.
extension Trigger.Overlap {
    var code: Int {
        switch self {
        case .skip: 0
        case .queue: 1
        case .cancel: 2
        }
    }
}
