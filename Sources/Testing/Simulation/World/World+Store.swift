import MartletCore

extension World {
    /// Before anybody is there to claim: a limit holds for what starts after it was set.
    func setPolicies() async {
        for (queue, policy) in scenario.queues.sorted(by: { $0.key < $1.key }) {
            do throws(StoreError) {
                _ = try await store.base.set(queue, .policy(policy))
            } catch {
                auditor.report(.nothingIsLost, "the store in memory failed: \(error)")
            }
        }
    }

    /// Every job there is, shown to the checks.
    func everyJob() async -> [JobRecord] {
        do throws(StoreError) {
            return try await store.snapshot()
        } catch {
            auditor.report(.nothingIsLost, "the store in memory failed: \(error)")
            return []
        }
    }

    /// What the checks look back on.
    func ending() async -> Ending {
        var details: [JobID: JobDetail] = [:]
        var streams: [String: [Event]] = [:]
        do throws(StoreError) {
            for job in await everyJob() {
                details[job.id] = try await memory.job(job.id)
                let stream = StreamName.job(job.id)
                streams[stream] = try await memory.read(stream, after: 0, limit: Limits.eventPageMax).events
            }
            streams["orders"] = try await memory.read("orders", after: 0, limit: Limits.eventPageMax).events
        } catch {
            auditor.report(.nothingIsLost, "the store in memory failed: \(error)")
        }
        for fault in await memory.audit() { auditor.report(.nothingIsLost, fault) }
        return Ending(scenario: scenario, jobs: details, streams: streams, acknowledged: acknowledged, outside: outside.state)
    }
}
