import Database
import MartletCore

/// Jobs on their way into the database.
struct EnqueueCall {
    private struct Lane: Hashable {
        var queue: String
        var kind: String
        var tenant: String
    }

    private let jobs: [NewJob]

    init(_ jobs: [NewJob]) { self.jobs = jobs }

    /// One after another: jobs with keys, parents or triggers.
    func each(_ time: SQL) -> SQL {
        "enqueue_each(\(JSON.array(jobs.map(NewJobCoding.encode)).description)::json, \(time))"
    }

    /// All at once: a column for each property.
    func plain(_ time: SQL) -> SQL {
        var lanes: [Lane: Int] = [:]
        var names: [Lane] = []
        let places = jobs.map { job in
            let lane = Lane(queue: job.queue, kind: job.kind, tenant: job.tenant)
            if let known = lanes[lane] { return known }
            names.append(lane)
            lanes[lane] = names.count
            return names.count
        }
        let dues = jobs.map { if case .at(let instant) = $0.due { instant } else { Timestamp?.none } }
        let delays = jobs.map { if case .after(let delay) = $0.due { delay.microseconds } else { Int64?.none } }
        let labels = jobs.map { $0.labels.isEmpty ? nil : SQLJSON(NewJobCoding.labels($0.labels).description) }
        return """
            enqueue_plain(\(array: names.map(\.queue)), \(array: names.map(\.kind)), \(array: names.map(\.tenant)), \(array: places), \
            \(array: jobs.map(\.id)), \(array: jobs.map(\.priority.level)), \(array: jobs.map(\.payload.text)), \(array: dues), \
            \(array: delays), \(array: jobs.map { $0.timeout?.microseconds }), \(array: jobs.map { $0.queueTimeout?.microseconds }), \
            \(array: jobs.map(\.maxAttempts)), \(array: labels), \(time))
            """
    }
}
