public enum TakeResult: Sendable, Hashable {
    case taken
    case wait(Duration)
}
