import MartletCore

/// One event of a job's stream as a line for people.
enum EventLine {
    static func text(_ event: Event) -> String {
        "\(clock(event.at))  \(TextWidth.harmless(what(event)))"
    }

    /// The time of day, to the millisecond.
    private static func clock(_ time: Timestamp) -> String {
        let text = Timestamp(microseconds: time.microseconds / 1000 * 1000).description
        let clock = text.dropFirst(11).dropLast()
        return clock.contains(".") ? String(clock) : "\(clock).000"
    }

    private static func what(_ event: Event) -> String {
        switch event.type {
        case "output", "log":
            let text = event.data.json.stringValue ?? event.data.json["line"]?.stringValue ?? event.data.text
            return event.type == "log" ? "! \(text)" : "  \(text)"
        case "progress":
            guard let progress = Progress(event.data) else { return "progress \(event.data.text)" }
            return ProgressBar.line(progress.fraction, progress.message ?? "")
        case "attempt.failed":
            let data = event.data.json
            let again = data["retry_after"]?.doubleValue.map { "; again in \(Wording.duration(.seconds($0)))" } ?? ""
            let (kind, message) = (data["kind"]?.stringValue ?? "", data["message"]?.stringValue ?? "")
            return "attempt \(data["attempt"]?.integerValue ?? 0) failed: \(kind): \(message)\(again)"
        case "succeeded", "cancelled":
            let attempt = event.data.json["attempt"]?.integerValue ?? 1
            return attempt > 1 ? "\(event.type) in attempt \(attempt)" : event.type
        default:
            return event.data == .null ? event.type : "\(event.type) \(event.data.text)"
        }
    }
}
