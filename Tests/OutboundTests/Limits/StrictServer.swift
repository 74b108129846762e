import MartletCore
import NIOHTTP1

/// A provider as limits see it: so many calls in a window, counted without mercy, told with every answer.
struct StrictServer {
    enum Windows: CaseIterable {
        /// Begin at multiples of their length.
        case aligned
        /// Begin with the first call after the last one is over.
        case fromFirstCall
    }

    let limit: Int
    let span: Duration
    let windows: Windows
    private(set) var answered = 0
    private(set) var refused = 0
    /// Windows that saw at least one call.
    private(set) var opened = 0
    private var ends = Timestamp.epoch
    private var count = 0

    init(limit: Int, span: Duration, windows: Windows) {
        self.limit = limit
        self.span = span
        self.windows = windows
    }

    mutating func answer(at now: Timestamp) -> (status: Int, headers: [(String, String)]) {
        if now >= ends {
            let length = span.microseconds
            ends = windows == .aligned ? Timestamp(microseconds: (now.microseconds / length + 1) * length) : now + span
            count = 0
            opened += 1
        }
        let isAllowed = count < limit
        if isAllowed {
            count += 1
            answered += 1
        } else {
            refused += 1
        }
        let reset = "\((ends - now).inSeconds)"
        var headers = [("X-RateLimit-Limit", "\(limit)"), ("X-RateLimit-Remaining", "\(limit - count)"), ("X-RateLimit-Reset-After", reset)]
        if !isAllowed { headers.append(("Retry-After", reset)) }
        return (isAllowed ? 200 : 429, headers)
    }
}
