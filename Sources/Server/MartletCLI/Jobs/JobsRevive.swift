import ArgumentParser
import MartletCore

/// `martlet jobs revive`.
struct JobsRevive: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revive", abstract: "Make finished jobs ready again, with a fresh count of attempts; their steps are kept.",
        discussion: "Many at once: martlet jobs list --outcome failed --json --limit 1000 | jq -r .id | xargs martlet jobs revive")

    @Argument(help: "The jobs' ids.") var ids: [JobID]
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await JobChange.apply(to: ids, output, storeOptions) { store, id throws(StoreError) in try await store.revive(id) }
    }
}
