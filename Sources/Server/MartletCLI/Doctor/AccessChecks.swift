import MartletCore
import MartletHTTP

/// Who may use the server, and whether the record of it is whole.
struct AccessChecks {
    let configuration: Configuration
    let environment: MartletCore.Environment

    private static let soon: Duration = .seconds(7 * 86_400)

    func run(_ store: any Store) async -> [Finding] { [await audit(store)] + (await keys()) }

    private func audit(_ store: any Store) async -> Finding {
        do throws(StoreError) {
            let check = try await AuditCheck.run(store)
            if let broken = check.broken {
                return .fail(
                    "audit", "entry \(broken) does not fit the hash chain: something up to it was changed, removed or added",
                    do: "compare the stream audit with a backup, and with the hashes in the servers' logs")
            }
            return .ok("audit", "\(Wording.plural(check.entries, "entry", "entries")) fit the hash chain, sealed through \(check.sealedThrough)")
        } catch {
            return .fail("audit", "\(error)", do: "see whether the store can be reached")
        }
    }

    private func keys() async -> [Finding] {
        do {
            let now = environment.clock.now()
            var keys: [KeyRecord] = []
            // A look makes no database.
            if OpenKeys.exists(configuration) {
                keys = try await OpenKeys.with(configuration, environment: environment) { try await $0.list() }.filter { $0.isUsable(at: now) }
            }
            let ending = keys.filter { key in key.expiresAt.map { $0 - now < Self.soon } ?? false }
            guard !keys.isEmpty || configuration.access.tokens != nil || configuration.listen.isLoopback else {
                return [
                    .fail(
                        "keys", "there are none, and \(configuration.listen) can be reached from other machines",
                        do: "'\(Process.invocation) keys create' makes one; until then nothing listens there")
                ]
            }
            return [Finding.ok("keys", "\(Wording.plural(keys.count, "key")) can be used")]
                + ending.map { Finding.warn("key \($0.id)", "expires within a week", do: "make another, and put it where this one is used") }
        } catch {
            return [.fail("keys", "\(error)", do: "see whether the database can be reached")]
        }
    }
}
