import Logging
import MartletCore

/// Writes what operators and keys do into the stream `audit`, which no retention removes.
///
/// An entry is written after what it tells of. A process that dies in between leaves none: the audit never tells of something that did not happen.
public struct AuditLog: Sendable {
    private let store: any Store
    private let logger: Logger

    public init(store: any Store, logger: Logger = Logger(label: "martlet.audit")) {
        self.store = store
        self.logger = logger
    }

    /// Does something and writes down that it was done. What is refused changes nothing and leaves no entry.
    func record<Value>(
        _ action: AuditAction, _ target: String, _ principal: Principal, _ body: () async throws -> Value
    ) async throws -> Value {
        do {
            let value = try await body()
            await record(AuditEntry(action, target, by: principal.name))
            return value
        } catch let error as StoreError {
            if case .unavailable(_, true) = error { await record(AuditEntry(action, target, by: principal.name, .unknown)) }
            throw error
        }
    }

    /// What cannot be written is said in the log: what it tells of has happened, and cannot be refused any more.
    public func record(_ entry: AuditEntry) async {
        do throws(StoreError) {
            guard case .refused(let error)? = try await store.append([entry.event]).first else { return }
            throw error
        } catch {
            logger.error(
                "the audit has missed an entry",
                metadata: [
                    "action": "\(entry.action.rawValue)", "target": "\(entry.target)", "principal": "\(entry.principal)",
                    "outcome": "\(entry.outcome.rawValue)", "error": "\(error)",
                ])
        }
    }
}
