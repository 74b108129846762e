import MartletCore
import PostgresStore
import StoreConformance

/// A store in a schema of its own. The schema is emptied and lent to the next test when the store is let go.
struct SchemaStore: RelayingStore {
    /// Gives the place back when the last copy goes.
    private final class Place: Sendable {
        let schema: String
        let store: PostgresStore

        init(_ schema: String, _ store: PostgresStore) {
            self.schema = schema
            self.store = store
        }

        deinit {
            Schemas.shared.giveBack(schema, closing: store)
            Turnstile.stores.leave()
        }
    }

    let base: any Store
    private let place: Place

    static func make(_ environment: Environment) async throws -> SchemaStore {
        await Turnstile.stores.enter()
        do {
            let schema = try await Schemas.shared.take()
            let store = try await TestServer.open(schema, environment)
            return SchemaStore(base: store, place: Place(schema, store))
        } catch {
            Turnstile.stores.leave()
            throw error
        }
    }

    func relay<Answer>(_ call: () async throws(StoreError) -> Answer) async throws(StoreError) -> Answer { try await call() }
}
