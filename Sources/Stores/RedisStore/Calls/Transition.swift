import MartletCore

/// The answer of a transition.
enum Transition {
    /// It happened, at this time.
    case done(Timestamp, RESPValue)
    /// Nothing happened; a word says why, and what belongs to it.
    case refused(String, [RESPValue])
}
