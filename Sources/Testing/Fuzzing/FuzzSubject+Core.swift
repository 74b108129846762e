import MartletCore

extension FuzzSubject {
    private static let zone = try? ZoneRules("Europe/Berlin")

    /// The next slot comes after the time, and nothing lies between a slot and the one after it.
    static func cron(_ bytes: [UInt8]) {
        guard let expression = try? CronExpression(String(decoding: bytes, as: UTF8.self)) else { return }
        for zone in [ZoneRules.utc, zone ?? .utc] {
            var time = Timestamp(seconds: 1_774_740_000)
            for _ in 0..<4 {
                guard let slot = expression.next(after: time, in: zone) else { break }
                precondition(slot > time, "a slot must come after its time")
                precondition(expression.next(after: slot - .microseconds(1), in: zone) == slot, "a slot is the next one just before it")
                time = slot
            }
        }
    }

    static func json(_ bytes: [UInt8]) {
        guard let json = try? JSON(parsing: bytes) else { return }
        let written = json.utf8
        guard let again = try? JSON(parsing: written) else { preconditionFailure("what was written cannot be read") }
        precondition(again == json && again.utf8 == written, "what was written means something else")
    }

    static func duration(_ bytes: [UInt8]) {
        if let duration = Duration(iso8601: String(decoding: bytes, as: UTF8.self)) { precondition(duration >= .zero) }
    }

    static func timestamp(_ bytes: [UInt8]) {
        guard let time = Timestamp(rfc3339: String(decoding: bytes, as: UTF8.self)) else { return }
        precondition(Timestamp(rfc3339: "\(time)") == time, "what was written is another instant")
    }

    static func retryAfter(_ bytes: [UInt8]) {
        let now = Timestamp(seconds: 1_774_740_000)
        if let wait = RetryAfter.parse(String(decoding: bytes, as: UTF8.self), now: now) { precondition(wait >= .zero) }
    }
}
