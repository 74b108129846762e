import Database
import MartletCore

extension PostgresStore {
    public func put(_ trigger: Trigger?, named name: String) async throws(StoreError) -> TriggerState? {
        if name.isEmpty { throw .invalid(field: "trigger", reason: "must not be empty") }
        if let reason = NewJob.nameFault(name) { throw .invalid(field: "trigger", reason: reason) }
        var topic: String?
        if case .topic(let stream, _)? = trigger?.schedule { topic = stream }
        let history = trigger?.history
        var kept = trigger
        kept?.history = nil
        let (state, now) = try await call(
            """
            SELECT revision, next_slot, last_slot, created, now FROM \(schema)put_trigger(\(name), \(trigger?.isPaused), \
            \(trigger?.overlap.code), \(topic), \(trigger.map { TriggerCoding.encode($0.schedule).description }), \
            \(trigger.map { TriggerCoding.encode($0).text }), \(history?.revision), \(history?.nextSlot), \(history?.lastSlot), \
            \(history?.createdAt), \(time.argument))
            """
        ) { [kept] answer in
            guard let row = answer.first else { throw StoreError.unknownRow }
            let state = try kept.map { trigger in
                TriggerState(
                    name: name, trigger: trigger, revision: try row.int(0), nextSlot: try row.optionalTimestamp(1),
                    lastSlot: try row.optionalTimestamp(2), createdAt: try row.timestamp(3))
            }
            return (state, try row.timestamp(4))
        }
        time.saw(now)
        hints.changed(work: true)
        return state
    }

    public func fire(_ plan: FirePlan) async throws(StoreError) -> FireResult {
        let jobs = plan.firing.map { firing in
            var job = firing.job
            job.history = nil
            job.trigger = plan.trigger
            if job.key == nil { job.key = IdempotencyKey("\(plan.trigger)@\(firing.slot)", scope: .window(.seconds(86_400))) }
            return job
        }
        let documents = jobs.map { $0.fault == nil ? NewJobCoding.encode($0) : JSON.object([]) }
        let rows = try await answers(
            """
            fire(\(plan.trigger.storable), \(plan.revision), \(plan.slot), \(plan.next), \(array: plan.firing.map(\.slot)), \
            \(JSON.array(documents).description)::json, \(time.argument))
            """)
        guard let last = rows.last, let now = last.now else { throw .unknownRow }
        switch last.status {
        case "n": throw .notFound("trigger '\(plan.trigger)'")
        case "s": return .stale
        case "e": return .early(by: .microseconds(Int64(last.number ?? 0)))
        default: break
        }
        guard rows.count == jobs.count + 1 else { throw .unknownRow }
        made(jobs, at: now)
        hints.changed(work: true, isMore: true)
        return .fired(
            try zip(rows, jobs).map { row, job throws(StoreError) in
                switch row.status {
                case "-": nil
                case "f": job.fault.map(Enqueued.refused)
                default: try row.enqueued(job, at: now)
                }
            })
    }
}
