/// Why a connection is closed (RFC 6455, section 7.4.1; 1013 from the registry of section 11.7).
enum CloseCode: UInt16, Sendable {
    case normal = 1000
    case goingAway = 1001
    case protocolError = 1002
    case unacceptableData = 1003
    case notUTF8 = 1007
    case policy = 1008
    case tooLarge = 1009
    case internalError = 1011
    case tryAgainLater = 1013

    /// Whether a peer may send this code: those below 1000 and those reserved for what is never sent are a protocol error.
    static func maySend(_ code: UInt16) -> Bool {
        switch code {
        case 1000...1003, 1007...1014, 3000...4999: true
        default: false
        }
    }
}
