import Logging
import Martlet
import MartletCore

/// Seals the audit: some seconds after entries have come, from whatever process, it appends one seal for them. Each seal also goes into the log,
/// so that whoever ships the log elsewhere has the chain anchored where nobody with the database's password reaches.
struct AuditSealer: Sendable {
    /// How far behind the end of the stream the place may be that a seal states.
    static let lagMax = 10_000
    private static let lease = "audit-seal"
    private static let ttl: Duration = .seconds(30)
    /// Where nothing has come it costs one small read.
    private static let interval: Duration = .seconds(5)
    private static let retry: Duration = .seconds(5)

    let engine: Engine
    let logger: Logger

    private var store: any Store { engine.store }

    /// How far the audit has been read.
    struct Position: Sendable {
        var chain = AuditChain()
        /// The last entry that a seal vouches for.
        var sealedThrough = 0
        /// The last entry that is no seal.
        var lastEntry = 0

        var isOpen: Bool { lastEntry > sealedThrough }
    }

    /// Runs until cancelled.
    func run() async {
        let clock = engine.environment.clock
        var position: Position?
        while !Task.isCancelled {
            do {
                // Entries that come meanwhile share a seal.
                try await clock.sleep(for: Self.interval)
                position = try await seal(from: position)
            } catch is CancellationError {
                return
            } catch {
                logger.warning("the audit could not be sealed, will try again", metadata: ["error": "\(error)"])
                do { try await clock.sleep(for: Self.retry) } catch { return }
            }
        }
    }

    /// Reads on to the end, and seals what no seal vouches for yet.
    func seal(from known: Position?) async throws -> Position {
        var position: Position
        if let known { position = known } else { position = try await lastSealed() }
        try await read(on: &position)
        guard position.isOpen else { return position }
        // Where several servers run, one seals. Were two to do it, the stream would only be longer.
        guard case .granted = try await store.acquire(Self.lease, owner: engine.configuration.node.name, for: Self.ttl) else { return position }
        try await read(on: &position)
        guard position.isOpen else { return position }
        for case .refused(let error) in try await store.append([position.chain.seal]) { throw error }
        logger.info(
            "the audit is sealed", metadata: ["through": "\(position.chain.sequence)", "hash": "\(AuditChain.text(position.chain.hash))"])
        return position
    }

    private func read(on position: inout Position) async throws {
        while true {
            let page = try await store.read(StreamName.audit, after: position.chain.sequence, limit: Limits.eventPageMax)
            for event in page.events {
                if let stated = AuditChain.stated(by: event) {
                    if stated.sequence == position.chain.sequence, stated.hash != position.chain.hash { warn(event) }
                    position.sealedThrough = max(position.sealedThrough, stated.sequence)
                } else {
                    position.lastEntry = event.sequence
                }
                if !position.chain.add(event) { warn(event) }
            }
            if page.events.count < Limits.eventPageMax { return }
        }
    }

    private func warn(_ event: Event) {
        logger.critical(
            "the audit does not fit its seals: an entry was changed, removed or added", metadata: ["sequence": "\(event.sequence)"])
    }

    /// The place that the newest seal states. Whether that is right is for `AuditCheck` to see.
    private func lastSealed() async throws -> Position {
        var end = try await store.read(StreamName.audit, after: 0, limit: 1).last
        while end > 0 {
            let start = max(0, end - Limits.eventPageMax)
            let page = try await store.read(StreamName.audit, after: start, limit: end - start)
            if let seal = page.events.last(where: { $0.type == AuditChain.sealType }), let chain = AuditChain(after: seal) {
                return Position(chain: chain, sealedThrough: chain.sequence)
            }
            end = start
        }
        return Position()
    }
}
