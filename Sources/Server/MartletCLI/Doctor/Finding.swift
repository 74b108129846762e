import MartletCore

/// What one check found.
struct Finding: Sendable, Hashable {
    enum Level: String, Sendable {
        case ok, warn, fail
    }

    let level: Level
    /// What was looked at.
    let subject: String
    let detail: String
    /// What to do about it; `nil` where nothing is to be done.
    let advice: String?

    static func ok(_ subject: String, _ detail: String) -> Finding { Finding(level: .ok, subject: subject, detail: detail, advice: nil) }

    static func warn(_ subject: String, _ detail: String, do advice: String) -> Finding {
        Finding(level: .warn, subject: subject, detail: detail, advice: advice)
    }

    static func fail(_ subject: String, _ detail: String, do advice: String) -> Finding {
        Finding(level: .fail, subject: subject, detail: detail, advice: advice)
    }

    var json: JSON {
        ["level": .string(level.rawValue), "subject": .string(subject), "detail": .string(detail), "advice": advice.map { .string($0) } ?? .null]
    }
}
