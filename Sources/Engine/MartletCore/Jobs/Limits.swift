/// The bounds of everything that comes from outside. Exceeding one is a typed refusal, never a truncated or half-written job.
public enum Limits {
    /// A payload, a result, a step's result, an event's data: 1 MiB.
    public static let payloadBytes = 1 << 20
    /// A kind, a queue, a tenant, a trigger, a step, a stream, a label's name or value.
    public static let nameBytes = 255
    public static let keyBytes = 512
    public static let messageBytes = 4096
    public static let labels = 32
    /// Jobs in one enqueue, settlements in one settle, events in one append.
    public static let batch = 10_000
    public static let attempts = 1000
    /// Ten years: what is later is a mistake in a unit.
    public static let delay: Duration = .seconds(10 * 366 * 86_400)
    public static let pageDefault = 50
    public static let pageMax = 100
    public static let eventPageMax = 1000

    /// At most `bytes` of UTF-8, cut between two characters.
    public static func cut(_ text: String, to bytes: Int) -> String {
        guard text.utf8.count > bytes else { return text }
        var end = text.utf8.index(text.utf8.startIndex, offsetBy: bytes)
        while end > text.startIndex, String.Index(end, within: text) == nil { end = text.utf8.index(before: end) }
        return String(text[..<end])
    }
}
