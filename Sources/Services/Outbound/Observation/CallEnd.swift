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
        if case OutboundError.status(let status, _, _) = error {
            self.init(status: status)
        } else {
            self.init(name: Self.name(of: error))
        }
    }

    private init(name: String) {
        self.name = name
    }

    private static func name(of error: any Error) -> String {
        switch error {
        case is CancellationError: "cancelled"
        case OutboundError.refused(_, _, let refusal): "refused-\(refusal.rawValue)"
        case OutboundError.deadline(let phase, _, _): "timeout-\(phase.rawValue)"
        case OutboundError.forbiddenAddress, OutboundError.redirectRefused: "forbidden"
        case OutboundError.invalidRequest, OutboundError.requestTooLarge: "invalid"
        case OutboundError.responseTooLarge: "too-large"
        case OutboundError.connection, OutboundError.unresolvable, OutboundError.stopped: "connection"
        default: "caller"
        }
    }
}
