import Logging
import Martlet

/// What the configuration says about things that live in the store: queues and triggers. They are put at every start where they differ; what the
/// file does not name is left alone, because it may have been made by hand or by another server's file.
struct StoredSettings {
    private let configuration: Configuration

    init(_ configuration: Configuration) {
        self.configuration = configuration
    }

    func apply(to engine: Engine) async throws {
        let logger = Logger(label: "martlet.configuration")
        let overview = try await engine.store.overview()
        for (name, policy) in configuration.queues.sorted(by: { $0.key < $1.key }) {
            guard overview.queues.first(where: { $0.name == name })?.policy != policy else { continue }
            _ = try await engine.store.set(name, .policy(policy))
            logger.info("a queue has the policy of the configuration now", metadata: ["queue": "\(name)"])
        }
        for (name, trigger) in configuration.triggers.sorted(by: { $0.key < $1.key }) {
            guard overview.triggers.first(where: { $0.name == name })?.trigger != trigger else { continue }
            try await engine.put(trigger, named: name)
            logger.info("a trigger is as in the configuration now", metadata: ["trigger": "\(name)"])
        }
    }
}
