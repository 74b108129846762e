/// What became of one event of an append.
public enum Appended: Sendable, Hashable {
    case at(sequence: Int)
    case refused(StoreError)
}
