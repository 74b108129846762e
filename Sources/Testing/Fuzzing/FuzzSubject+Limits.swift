import MartletCore
@testable import Outbound

extension FuzzSubject {
    /// The headers of an answer, one to a line: whatever they say, nobody is parked for longer than the bound, and nothing is below zero.
    static func limits(_ bytes: [UInt8]) {
        let fields = String(decoding: bytes, as: UTF8.self).split(separator: "\n").map { line in
            let colon = line.firstIndex(of: ":") ?? line.endIndex
            return (String(line[..<colon]), line[colon...].dropFirst().drop { $0 == " " }.description)
        }
        let headers = LimitHeaders(fields, now: Timestamp(seconds: 1_774_740_000))
        precondition(headers.readings.count <= LimitHeaders.readingsMax, "there are more limits than are kept")
        let bounds = Duration.zero...LimitHeaders.resetMax
        for reading in headers.readings {
            precondition(reading.remaining >= 0 && bounds.contains(reading.resetAfter), "a limit is out of bounds")
            precondition(reading.window > .zero, "what is left lasts for no time")
        }
        precondition(headers.retryAfter.map(bounds.contains) ?? true, "the time to come back is out of bounds")
        precondition(bounds.contains(LimitState.pause(headers)), "the pause is out of bounds")
    }
}
