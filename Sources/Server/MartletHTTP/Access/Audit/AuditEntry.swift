import MartletCore

/// Who did what to what, and whether it happened. Holds no payload and no secret.
public struct AuditEntry: Sendable, Hashable {
    public enum Outcome: String, Sendable {
        case done
        case refused
        /// The store could not say whether it happened.
        case unknown
    }

    public var action: AuditAction
    /// As in `job/ID`, `queue/NAME`, `key/ID`.
    public var target: String
    /// `Principal.name`.
    public var principal: String
    public var outcome: Outcome
    /// Where the request came from, where that matters.
    public var address: String?

    public init(_ action: AuditAction, _ target: String, by principal: String, _ outcome: Outcome = .done, address: String? = nil) {
        self.action = action
        self.target = target
        self.principal = principal
        self.outcome = outcome
        self.address = address
    }

    public var event: NewEvent {
        var members: [JSON.Member] = [
            .init("principal", .string(Limits.cut(principal, to: 255))), .init("target", .string(Limits.cut(target, to: 512))),
            .init("outcome", .string(outcome.rawValue)),
        ]
        if let address { members.append(.init("address", .string(Limits.cut(address, to: 64)))) }
        return NewEvent(stream: StreamName.audit, type: action.rawValue, data: Payload(.object(members)))
    }
}
