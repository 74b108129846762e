/// How a call ended, in one word of a closed set: a label of metrics.
struct CallEnd: Sendable, Hashable {
    let name: String

    init(status: Int) {
        switch status {
        case 429: name = "rate-limited"
        case ..<400: name = "succeeded"
        case ..<500: name = "rejected"
        default: name = "failed"
        }
    }

    init(error: any Error) {
        switch error {
        case is CancellationError: name = "cancelled"
        case OutboundError.refused(_, _, let refusal): name = "refused-\(refusal.rawValue)"
        case OutboundError.deadline(let phase, _, _): name = "timeout-\(phase.rawValue)"
        case OutboundError.forbiddenAddress, OutboundError.redirectRefused: name = "forbidden"
        case OutboundError.invalidRequest, OutboundError.requestTooLarge: name = "invalid"
        case OutboundError.responseTooLarge: name = "too-large"
        case OutboundError.connection, OutboundError.unresolvable, OutboundError.stopped: name = "connection"
        case OutboundError.status(let status, _, _): self.init(status: status)
        default: name = "caller"
        }
    }
}
