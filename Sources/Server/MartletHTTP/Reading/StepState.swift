import MartletCore

/// The words of `Step.State` on the wire.
enum StepState: String, CaseIterable {
    case intended, done

    var core: Step.State { self == .done ? .done : .intended }
}
