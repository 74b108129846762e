import MartletCore

/// One event of a job's stream in one line. `job-stream.js` does the same with those that come later.
struct EventLine {
    let event: Event
    let tone: String
    let text: String

    private static let textMax = 2000
    private static let severe: Set<String> = ["error", "critical", "fatal"]

    init(_ event: Event) {
        self.event = event
        let data = event.data.utf8.count > 64 << 10 ? JSON.string(NumberText.bytes(event.data.utf8.count) + " of JSON") : event.data.json
        let (tone, text) = Self.describe(event.type, data)
        self.tone = tone
        let plain = Self.withoutColours(text)
        let cut = Limits.cut(plain, to: Self.textMax)
        self.text = cut == plain ? plain : cut + " …"
    }

    var values: PageValues {
        let at = event.at.description
        return [
            "lineTone": tone, "lineUTC": at, "lineClock": String(at.dropFirst(11).prefix(8)), "lineType": event.type, "lineText": text,
        ]
    }

    private static func describe(_ type: String, _ data: JSON) -> (String, String) {
        let attempt = data["attempt"]?.integerValue.map(String.init) ?? ""
        switch type {
        case "progress":
            guard let fraction = data["fraction"]?.doubleValue else { return ("other", words(data)) }
            let percent = "\(Int((fraction * 100).rounded())) %"
            return ("progress", data["message"]?.stringValue.map { "\(percent) · \($0)" } ?? percent)
        case "attempt.failed":
            let again = data["retry_after"]?.doubleValue.map { " · again in \(($0 * 10).rounded() / 10) s" } ?? ""
            return ("bad", "attempt \(attempt): \(data["kind"]?.stringValue ?? ""): \(data["message"]?.stringValue ?? "")\(again)")
        case "succeeded": return ("good", "attempt \(attempt) succeeded")
        case "cancelled": return ("log", "cancelled")
        case "output": return ("output", words(data))
        case "log": return (severe.contains(data["level"]?.stringValue?.lowercased() ?? "") ? "bad" : "log", words(data))
        default: return ("other", words(data))
        }
    }

    /// Text as it is, an object's text, or JSON.
    private static func words(_ data: JSON) -> String {
        if let text = data.stringValue { return text }
        for name in ["line", "text", "message"] {
            if let text = data[name]?.stringValue { return text }
        }
        return data.isNull ? "" : data.description
    }

    /// Without the control sequences by which programs colour a terminal (ECMA-48, section 5.4).
    static func withoutColours(_ text: String) -> String {
        guard text.utf8.contains(0x1B) else { return text }
        var kept: [UInt8] = []
        var bytes = Array(text.utf8)[...]
        while let byte = bytes.popFirst() {
            guard byte == 0x1B, bytes.first == UInt8(ascii: "[") else {
                kept.append(byte)
                continue
            }
            bytes = bytes.dropFirst().drop { (0x20...0x3F).contains($0) }.dropFirst()
        }
        return String(decoding: kept, as: UTF8.self)
    }
}
