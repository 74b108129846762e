/// Where one reader stands in one stream.
///
/// A reader is either at the tail, where what is new is handed to it as it comes, or behind, where it reads pages at its own pace until it is at the
/// tail. Only `position` decides what it still gets: so nothing comes twice and nothing is left out, in whatever order news and pages arrive.
struct Subscription {
    enum State: Equatable {
        /// It waits for its turn to be checked or read.
        case behind
        /// A check or a read is under way.
        case asking
        case tail
    }

    /// What to do with events that have come up at the tail.
    enum Offer: Equatable {
        /// The reader has them, or gets them in its pages.
        case pass
        /// The reader is sent those after this position.
        case send(after: Int)
        /// The reader has no room: it has left the tail.
        case fallBehind
    }

    /// Tells a subscription from an earlier one to the same stream.
    let ticket: Int
    /// The last sequence number that was sent.
    private(set) var position: Int
    private(set) var state = State.behind
    /// Whether the reader may have this stream has been found out.
    private(set) var isAdmitted = false
    /// It has been too slow: until it is back at the tail, progress that is out of date is left out.
    private(set) var isLagging = false
    /// It has been too slow and has not been told.
    private var owesNotice = false

    init(ticket: Int, after position: Int) {
        self.ticket = ticket
        self.position = position
    }

    mutating func ask() { state = .asking }

    mutating func admit() {
        isAdmitted = true
        state = .behind
    }

    /// - Parameters: the sequence numbers of the first and the last event.
    mutating func offer(_ first: Int, _ last: Int, hasRoom: Bool) -> Offer {
        guard state == .tail, last > position else { return .pass }
        guard hasRoom else {
            (state, isLagging, owesNotice) = (.behind, true, true)
            return .fallBehind
        }
        guard first <= position + 1 else {
            state = .behind
            return .fallBehind
        }
        defer { position = last }
        return .send(after: position)
    }

    /// What is sent up to `position` is the reader's.
    mutating func advance(to position: Int) {
        self.position = max(self.position, position)
        state = .behind
    }

    /// The read has brought nothing, or could not be used.
    mutating func fallBack() { state = .behind }

    /// - Parameter tail: how far those at the tail have come. A reader that is further joins them all the same: it passes over what it has.
    /// - Returns: whether it is at the tail now.
    mutating func join(_ tail: Int) -> Bool {
        guard position >= tail else { return false }
        (state, isLagging) = (.tail, false)
        return true
    }

    /// The position that a reader who has been too slow is told of, once.
    mutating func takeNotice() -> Int? {
        guard owesNotice else { return nil }
        owesNotice = false
        return position
    }
}
