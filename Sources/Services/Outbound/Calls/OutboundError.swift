import MartletCore

/// Why a call was not made, or did not come to its end. Holds no path, no header and no body: none of them belongs into a log.
public enum OutboundError: Error, Sendable, Hashable {
    /// Which rule of this side refused a call.
    public enum Refusal: String, Sendable, Hashable {
        /// A limit of the provider, learnt or configured, has nothing left.
        case limit
        /// Too many calls of this process are under way.
        case busy
        /// The destination has failed too often of late.
        case circuit
        /// What the other processes know could not be asked: nothing is sent blindly.
        case store
    }

    /// The call was not made, by a rule of this side: it may be after this long.
    case refused(Scope, retryAfter: Duration, Refusal)
    /// A part of the call took too long.
    case deadline(Deadlines.Phase, destination: String, limit: Duration)
    /// The host has an address that requests must not reach.
    case forbiddenAddress(host: String, IPAddress)
    case unresolvable(host: String)
    /// The connection failed; where `mayHaveArrived` the request may have been acted on.
    case connection(host: String, reason: String, mayHaveArrived: Bool)
    case invalidRequest(String)
    case redirectRefused(String)
    case requestTooLarge(destination: String, bytesMax: Int)
    case responseTooLarge(destination: String, bytesMax: Int)
    /// An answer that the caller did not accept.
    case status(Int, destination: String, retryAfter: Duration?)
    /// The client has been shut down.
    case stopped
}

extension OutboundError: ClassifiedError {
    public var failure: Failure { Failure(kind: kind, message: description) }

    private var kind: String {
        switch self {
        case .refused, .status(429, _, _): "rate-limited"
        case .deadline: "timeout"
        case .forbiddenAddress: "forbidden-address"
        case .unresolvable, .connection: "connection"
        case .invalidRequest, .requestTooLarge: "invalid-request"
        case .redirectRefused: "redirect"
        case .responseTooLarge: "response-too-large"
        case .status(let code, _, _): "status-\(code)"
        case .stopped: "stopped"
        }
    }

    public var failureClass: FailureClass {
        switch self {
        case .refused(_, let delay, _): .postponed(for: delay)
        case .status(429, _, let delay), .status(503, _, let delay): .rateLimited(after: delay)
        case .status(let code, _, _): code == 408 || code == 425 || code >= 500 ? .transient : .permanent
        case .deadline, .unresolvable, .connection, .stopped: .transient
        case .forbiddenAddress, .invalidRequest, .redirectRefused, .requestTooLarge, .responseTooLarge: .permanent
        }
    }
}

extension OutboundError: CustomStringConvertible {
    public var description: String {
        switch self {
        case .refused(let scope, let delay, .limit): "the limit of \(scope) has nothing left: try again in \(delay.inSeconds) s"
        case .refused(let scope, let delay, .busy): "too many calls to \(scope) are under way: try again in \(delay.inSeconds) s"
        case .refused(let scope, let delay, .circuit): "\(scope) has failed too often and is left alone: try again in \(delay.inSeconds) s"
        case .refused(let scope, let delay, .store):
            "the limits of \(scope) could not be read from the store: try again in \(delay.inSeconds) s"
        case .deadline(let phase, let destination, let limit):
            "the call to \(destination) passed its \(phase.rawValue) deadline of \(limit.inSeconds) s"
        case .forbiddenAddress(let host, let address):
            "\(host) has the address \(address), which requests must not reach: allow its network if it is yours"
        case .unresolvable(let host): "\(host) has no address: check the name and the name server"
        case .connection(let host, let reason, let mayHaveArrived):
            "the connection to \(host) failed (\(reason)); " + (mayHaveArrived ? "the request may have arrived" : "the request was not sent")
        case .invalidRequest(let reason): "the request was not sent: \(reason)"
        case .redirectRefused(let reason): "the redirect was not followed: \(reason)"
        case .requestTooLarge(let destination, let bytes): "the body for \(destination) is larger than the \(bytes) bytes allowed"
        case .responseTooLarge(let destination, let bytes): "the answer of \(destination) is larger than the \(bytes) bytes allowed"
        case .status(let code, let destination, let delay):
            "\(destination) answered \(code)" + (delay.map { ": try again in \($0.inSeconds) s" } ?? "")
        case .stopped: "the client has been shut down"
        }
    }
}
