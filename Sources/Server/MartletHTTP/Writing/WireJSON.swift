import MartletCore

/// The API's JSON for the other targets of this package: what `martlet jobs --json` prints has the names and forms of the API.
package enum WireJSON {
    package static func job(_ job: JobRecord) -> String { text { $0.job(job) } }

    /// A job with its steps, as `GET /v1/jobs/{id}` answers.
    package static func detail(_ detail: JobDetail) -> String {
        text { writer in
            writer.beginObject()
            writer.jobMembers(detail.job)
            writer.array("steps", detail.steps) { $0.step($1) }
            writer.endObject()
        }
    }

    package static func queue(_ queue: QueueState) -> String { text { $0.queue(queue) } }

    /// - Parameter now: from where the coming slots are counted.
    package static func trigger(_ trigger: TriggerState, now: Timestamp) -> String { text { $0.trigger(trigger, now: now) } }

    private static func text(_ write: (inout JSONWriter) -> Void) -> String {
        var writer = JSONWriter()
        write(&writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
