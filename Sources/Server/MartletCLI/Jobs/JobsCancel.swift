import ArgumentParser
import MartletCore

/// `martlet jobs cancel`.
struct JobsCancel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "cancel", abstract: "Cancel jobs: at once where they wait, and running ones by asking them to stop.")

    @Argument(help: "The jobs' ids.") var ids: [JobID]
    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        try await JobChange.apply(to: ids, output, storeOptions) { store, id throws(StoreError) in try await store.cancel(id) }
    }
}
