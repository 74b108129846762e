import AsyncHTTPClient
import Glibc
import MartletCore
import NIOCore
import NIOPosix
import NIOSSL

/// Tells what an error of the transport means. Its own descriptions may hold what was sent: none is passed on.
struct TransportFaults: Sendable, Hashable {
    let host: String
    let destination: String
    let connect: Duration

    /// - Returns: an `OutboundError`, or a `CancellationError`.
    func error(for error: any Error, _ watch: DeadlineWatch) -> any Error {
        if let failure = watch.failure { return failure }
        switch error {
        case is OutboundError, is CancellationError: return error
        case let error as HTTPClientError: return self.error(for: error)
        case ChannelError.connectTimeout: return OutboundError.deadline(.connect, destination: destination, limit: connect)
        case is NIOConnectionError: return fault("no connection", mayHaveArrived: false)
        case is NIOSSLError, is NIOSSLExtraError, is BoringSSLError: return fault("the TLS handshake failed", mayHaveArrived: false)
        case let error as IOError: return self.error(for: error)
        case is ChannelError: return fault("the connection was closed", mayHaveArrived: true)
        default:
            // Parser and decompressor have error types of their own.
            return fault("the answer cannot be read: \(type(of: error))", mayHaveArrived: true)
        }
    }

    private func error(for error: HTTPClientError) -> any Error {
        switch error {
        case .cancelled: CancellationError()
        case .connectTimeout, .tlsHandshakeTimeout, .getConnectionFromPoolTimeout:
            OutboundError.deadline(.connect, destination: destination, limit: connect)
        case .alreadyShutdown: OutboundError.stopped
        case .invalidURL, .emptyHost, .emptyScheme, .traceRequestWithBody:
            OutboundError.invalidRequest(error.shortDescription)
        case .bodyLengthMismatch: OutboundError.invalidRequest("the body is not as long as was said")
        default: fault(error.shortDescription, mayHaveArrived: true)
        }
    }

    private func error(for error: IOError) -> any Error {
        switch error.errnoCode {
        case ECONNREFUSED: fault("refused", mayHaveArrived: false)
        case EHOSTUNREACH, ENETUNREACH, EADDRNOTAVAIL, EACCES, EPERM: fault("unreachable", mayHaveArrived: false)
        case ECONNRESET, EPIPE: fault("reset", mayHaveArrived: true)
        default: fault("errno \(error.errnoCode)", mayHaveArrived: true)
        }
    }

    private func fault(_ reason: String, mayHaveArrived: Bool) -> OutboundError {
        .connection(host: host, reason: reason, mayHaveArrived: mayHaveArrived)
    }
}
