import MartletCore
import MartletHTTP

/// One change to each of some jobs; a refused one does not keep the others from it.
enum JobChange {
    static func apply(
        to ids: [JobID], _ output: OutputOptions, _ storeOptions: StoreOptions,
        _ change: (any Store, JobID) async throws(StoreError) -> JobRecord
    ) async throws {
        try await storeOptions.withStore { session in
            let now = try await session.store.overview().now
            var last: StoreError?
            for id in ids {
                do throws(StoreError) {
                    let job = try await change(session.store, id)
                    session.terminal.say(output.json ? WireJSON.job(job) : "\(id) \(JobTable.state(of: job, now: now))")
                } catch {
                    session.terminal.note("\(error)")
                    last = error
                }
            }
            if let last { throw CommandFailure(CommandFailure.code(of: last), "") }
        }
    }
}
