/// Asks a silent peer whether it is there. A connection whose other end has vanished without a word is found by nothing else.
struct Pulse {
    enum Action { case none, ping, giveUp }

    /// How long a ping may go unanswered.
    static let patience: Duration = .seconds(20)

    /// How long a peer may be silent: 20 to 30 s, different from one connection to the next, so that thousands are not asked in one instant.
    private let interval: Duration
    private var heard: Duration
    private var asked: Duration?

    init(number: Int, now: Duration) {
        interval = .seconds(20 + number % 11)
        heard = now
    }

    /// Any frame shows that the peer is there.
    mutating func hear(at now: Duration) {
        heard = now
        asked = nil
    }

    mutating func look(at now: Duration) -> Action {
        if let asked { return now - asked >= Self.patience ? .giveUp : .none }
        guard now - heard >= interval else { return .none }
        asked = now
        return .ping
    }
}
