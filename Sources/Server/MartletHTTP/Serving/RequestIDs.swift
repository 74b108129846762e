import HTTPTypes
import MartletCore
import Synchronization

/// Names requests, so that an answer and a line of the log can be brought together.
final class RequestIDs: Sendable {
    /// Of this process alone.
    private let prefix: String
    private let count = Atomic(0)

    init(random: any RandomSource) {
        prefix = String(random.next(), radix: 36)
    }

    /// The caller's own id where it is short and plain, so that its log and this one's fit together; otherwise a new one.
    func id(of head: HTTPRequest) -> String {
        if let id = head.headerFields[.requestID], (1...128).contains(id.utf8.count), id.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) { return id }
        return "\(prefix)-\(count.wrappingAdd(1, ordering: .relaxed).newValue)"
    }
}
