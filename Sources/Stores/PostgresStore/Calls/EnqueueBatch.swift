import Database
import MartletCore

/// Jobs of one call: those with faults are refused here, the others go to the database.
struct EnqueueBatch {
    private let jobs: [NewJob]
    private var refused: [Int: StoreError] = [:]
    /// Where the jobs that are sent stand in the call.
    private var places: [Int] = []
    private var isPlain = true

    init(_ jobs: [NewJob]) {
        self.jobs = jobs
        var ids: Set<JobID> = []
        for (place, job) in jobs.enumerated() {
            if let fault = job.fault ?? job.historyFault {
                refused[place] = fault
                continue
            }
            places.append(place)
            isPlain = isPlain && job.key == nil && job.parent == nil && job.trigger == nil && ids.insert(job.id).inserted
        }
    }

    /// When the first of those that name an instant is due.
    var firstInstant: Timestamp? { places.lazy.compactMap { jobs[$0].instant }.min() }

    /// The call of the database; `nil` where nothing is left to be sent.
    func function(_ time: SQL) -> SQL? {
        if places.isEmpty { return nil }
        let call = EnqueueCall(places.map { jobs[$0] })
        return isPlain ? call.plain(time) : call.each(time)
    }

    /// - Parameter rows: what the database answered: the jobs that were not simply accepted, then the time.
    func answers(_ rows: [CallAnswer], _ store: PostgresStore) throws(StoreError) -> [Enqueued] {
        var answers = [Enqueued?](repeating: nil, count: jobs.count)
        for (place, fault) in refused { answers[place] = .refused(fault) }
        if !places.isEmpty {
            guard let now = rows.last?.now else { throw .unknownRow }
            store.time.saw(now)
            store.made(places.lazy.map { jobs[$0] }, at: now)
            for row in rows.dropLast() {
                guard let position = row.ord, places.indices.contains(position) else { throw .unknownRow }
                answers[places[position]] = try row.enqueued(jobs[places[position]], at: now)
            }
            for place in places where answers[place] == nil { answers[place] = .accepted(JobRecord(accepting: jobs[place], at: now)) }
        }
        return answers.compactMap { $0 }
    }
}

extension NewJob {
    /// Adopting is a call of its own.
    fileprivate var historyFault: StoreError? {
        history == nil ? nil : .invalid(field: "history", reason: "does not go with a transaction of the caller's own")
    }
}
