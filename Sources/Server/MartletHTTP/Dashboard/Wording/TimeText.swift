import MartletCore

/// Times as people read them, counted from the store's time.
struct TimeText {
    let now: Timestamp

    /// `12 s ago`, `in 3 min`.
    func relative(_ time: Timestamp) -> String {
        if time == .distantFuture { return "never" }
        let distance = now - time
        if distance < .seconds(1), distance > .seconds(-1) { return "now" }
        return distance > .zero ? "\(Self.rough(distance)) ago" : "in \(Self.rough(.zero - distance))"
    }

    /// The values of the template `time`; `false` for no time.
    func values(_ time: Timestamp?) -> Any {
        guard let time else { return false }
        let shown = Timestamp(microseconds: time.microseconds / 1000 * 1000)
        return ["utc": shown.description, "relative": relative(time)] as PageValues
    }

    /// One unit: `340 ms`, `12 s`, `3 min`, `2 h`, `5 d`.
    static func rough(_ duration: Duration) -> String {
        let seconds = duration.microseconds / 1_000_000
        switch seconds {
        case ..<1: return "\(max(0, duration.microseconds / 1000)) ms"
        case ..<60: return "\(seconds) s"
        case ..<3600: return "\(seconds / 60) min"
        case ..<(2 * 86_400): return "\(seconds / 3600) h"
        default: return "\(NumberText.grouped(Int(seconds / 86_400))) d"
        }
    }

    /// Two units: `1.25 s`, `3 min 4 s`, `2 h 5 min`, `1 d 4 h`.
    static func exact(_ duration: Duration) -> String {
        let milliseconds = max(0, duration.microseconds / 1000)
        let seconds = milliseconds / 1000
        switch seconds {
        case 0: return "\(milliseconds) ms"
        case ..<60: return "\(decimal(milliseconds)) s"
        case ..<3600: return pair(seconds, 60, "min", 1, "s")
        case ..<86_400: return pair(seconds, 3600, "h", 60, "min")
        default: return pair(seconds, 86_400, "d", 3600, "h")
        }
    }

    private static func pair(_ seconds: Int64, _ large: Int64, _ largeName: String, _ small: Int64, _ smallName: String) -> String {
        let rest = seconds % large / small
        return rest == 0 ? "\(seconds / large) \(largeName)" : "\(seconds / large) \(largeName) \(rest) \(smallName)"
    }

    private static func decimal(_ milliseconds: Int64) -> String {
        let hundredths = milliseconds / 10
        let (whole, rest) = (hundredths / 100, hundredths % 100)
        if rest == 0 { return String(whole) }
        return rest % 10 == 0 ? "\(whole).\(rest / 10)" : "\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }
}
