import MartletCore

/// A line of standard output that speaks to the engine: a JSON object with a member `martlet`.
///
///     {"martlet":"progress","fraction":0.4,"message":"…"}    {"martlet":{"progress":0.4,"message":"…"}}
///     {"martlet":"result","value":…}                         {"martlet":{"result":…}}
///     {"martlet":"retry","after":30}                         {"martlet":{"retry":30}}
///
/// What does not fit this shape is ordinary output.
enum ControlLine: Sendable, Hashable {
    case progress(Progress)
    case result(Payload)
    case retry(after: Duration)

    /// The longest line that is read as one: a result of `Limits.payloadBytes` and the words around it.
    static let bytesMax = Limits.payloadBytes + 64

    init?(_ line: OutputLine) {
        guard !line.isCut, Self.mayBegin(line.bytes) else { return nil }
        let json: JSON
        do throws(JSONError) {
            json = try JSON(parsing: line.bytes)
        } catch {
            return nil
        }
        guard let speech = json["martlet"] else { return nil }
        switch speech {
        case .string("progress"): self.init(fraction: json["fraction"], message: json["message"])
        case .string("result"): self.init(result: json["value"])
        case .string("retry"): self.init(after: json["after"])
        case .object:
            if let fraction = speech["progress"] {
                self.init(fraction: fraction, message: speech["message"])
            } else if let result = speech["result"] {
                self.init(result: result)
            } else {
                self.init(after: speech["retry"])
            }
        default: return nil
        }
    }

    /// A line so long that it was cut, and that seems to have been a result.
    static func isCutResult(_ line: OutputLine) -> Bool {
        guard line.isCut, mayBegin(line.bytes) else { return false }
        let beginning = line.bytes.prefix(64).filter { $0 != UInt8(ascii: " ") }
        return ["{\"martlet\":\"result\"", "{\"martlet\":{\"result\""].contains { beginning.starts(with: $0.utf8) }
    }

    private static func mayBegin(_ bytes: [UInt8]) -> Bool { bytes.first == UInt8(ascii: "{") }

    private init?(fraction: JSON?, message: JSON?) {
        guard let fraction = fraction?.doubleValue else { return nil }
        self = .progress(Progress(fraction: fraction, message: message?.stringValue))
    }

    private init?(result: JSON?) {
        guard let result else { return nil }
        self = .result(Payload(result))
    }

    /// From zero to ten years; a longer delay is taken for ten years.
    private init?(after: JSON?) {
        guard let seconds = after?.doubleValue, seconds >= 0 else { return nil }
        self = .retry(after: .seconds(min(seconds, Limits.delay.inSeconds)))
    }
}
