import MartletCore

/// One job with all that is known of it.
struct JobView: PageView {
    let detail: JobDetail
    /// The end of its stream.
    let events: EventPage
    let children: JobPage
    let now: Timestamp
    /// The kinds that this process has handlers for.
    let known: Set<String>

    static let template = "job"
    static let linesMax = 200
    static let payloadMax = 16 << 10
    private static let linesBytesMax = 64 << 10
    private static let stepsMax = 100
    private static let stepMax = 2 << 10
    private static let stepsBytesMax = 64 << 10

    var title: String { "\(Limits.cut(job.kind, to: 60)) …\(job.id.description.suffix(8))" }
    let section = "/jobs"
    let scripts = ["rows.js", "job-stream.js"]
    /// A finished job changes no more, unless somebody revives it here.
    var refreshSeconds: Int? { job.phase == .finished ? nil : 3 }

    var job: JobRecord { detail.job }
    var time: TimeText { TimeText(now: now) }

    var values: PageValues {
        var values: PageValues = [
            "jobID": job.id.description, "jobKind": job.kind, "rawHref": PageLink.rawJob(job.id), "jobProgress": JobRows.progress(job),
            "progressMessage": (job.progress?.message).orFalse, "canCancel": job.phase != .finished && !job.isCancelRequested,
            "canRevive": job.phase == .finished, "reviveFirst": job.outcome == .failed, "cancelAction": "\(PageLink.job(job.id))/cancel",
            "reviveAction": "\(PageLink.job(job.id))/revive",
            "jobOrphan": job.phase == .ready && job.dueAt <= now && !known.contains(job.kind), "facts": JobFacts(job: job, time: time).values,
            "hasLabels": !job.labels.isEmpty, "labels": labels,
            "childrenHref": children.next == nil ? false : PageLink.jobs([("parent", job.id.description)]), "hasChildren": !children.jobs.isEmpty,
        ]
        for part in [JobState(job, time).values, failure, JobWait(job: job, time: time).values, attempts, steps, stream, payload, result] {
            values.merge(part) { $1 }
        }
        values.merge(JobRows(jobs: children.jobs, caption: "Children, newest first", time: time).values) { $1 }
        return values
    }

    private var labels: [PageValues] {
        job.labels.sorted { $0.key < $1.key }.map { name, value in
            ["labelName": name, "labelValue": value, "labelHref": PageLink.jobs([("label", "\(name)=\(value)")])]
        }
    }

    private var failure: PageValues {
        guard let error = job.error else { return ["jobError": false] }
        let note: String? =
            job.phase == .ready
            ? "The next attempt is due \(time.relative(job.dueAt))."
            : job.phase == .running ? "From an earlier attempt." : job.outcome == .failed ? "Revive it when the cause is mended." : nil
        return ["jobError": true, "failureKind": error.kind, "failureMessage": error.message, "failureNote": note.orFalse]
    }

    /// Those that the end of the stream still tells of.
    private var attempts: PageValues {
        let failed = events.events.filter { $0.type == "attempt.failed" && $0.data.utf8.count <= 16 << 10 }.suffix(50)
        let rows = failed.reversed().map { event -> PageValues in
            let data = event.data.json
            let isLast = data["attempt"]?.integerValue ?? 0 >= job.maxAttempts
            let retry = isLast ? nil : data["retry_after"]?.doubleValue.map { "after \(TimeText.exact(.seconds($0)))" }
            return [
                "attemptNumber": data["attempt"]?.integerValue.map(String.init) ?? "", "attemptKind": data["kind"]?.stringValue ?? "",
                "attemptMessage": Limits.cut(data["message"]?.stringValue ?? "", to: 500), "attemptRetry": retry ?? "no",
                "attemptAt": time.values(event.at),
            ]
        }
        return ["hasAttempts": !rows.isEmpty, "attempts": rows]
    }

    private var steps: PageValues {
        var budget = Self.stepsBytesMax
        var previous: Timestamp?
        let rows = detail.steps.prefix(Self.stepsMax).map { step -> PageValues in
            let shown = JSONText(step.result, limit: min(Self.stepMax, max(budget, 0)))
            budget -= shown.text.utf8.count
            let span = previous.map { "after \(TimeText.exact(step.recordedAt - $0))" } ?? ""
            previous = step.recordedAt
            let isEmpty = step.result == .null || shown.text.isEmpty
            return [
                "stepName": step.name, "stepState": step.state.rawValue, "stepAt": time.values(step.recordedAt),
                "stepNote": step.state == .intended ? "tried; whether it happened is not known yet" : span,
                "stepResult": isEmpty ? false : shown.isCut ? shown.text + "\n…" : shown.text,
            ]
        }
        let more = detail.steps.count - rows.count
        return [
            "hasSteps": !rows.isEmpty, "steps": rows, "moreSteps": more > 0 ? "\(NumberText.count(more, "step more.", "steps more."))" : false,
        ]
    }

    private var stream: PageValues {
        var budget = Self.linesBytesMax
        var lines: [EventLine] = []
        for event in events.events.reversed() {
            let line = EventLine(event)
            // Of progress only the last word before something else is worth a line.
            if line.tone == "progress", lines.last?.tone == "progress" { continue }
            budget -= line.text.utf8.count + 200
            guard budget > 0 else { break }
            lines.append(line)
        }
        let first = lines.last?.event.sequence ?? 1
        return [
            "lines": lines.reversed().map(\.values), "hasLines": !lines.isEmpty, "streamAfter": String(events.last),
            "liveHref": "\(PageLink.rawJob(job.id))/events", "streamHref": "/v1/streams/\(StreamName.job(job.id))",
            "streamCut": first > 1 && events.events.count >= Self.linesMax || budget <= 0
                ? "The last \(lines.count) of \(NumberText.grouped(events.last)) events." : false,
        ]
    }

    private var payload: PageValues {
        let shown = JSONText(job.payload, limit: Self.payloadMax)
        return [
            "payloadText": shown.text, "payloadSize": NumberText.bytes(job.payload.utf8.count),
            "payloadCut": shown.isCut ? "Cut after \(NumberText.bytes(Self.payloadMax))." : false,
        ]
    }

    private var result: PageValues {
        guard let result = job.result else { return ["hasResult": false] }
        let shown = JSONText(result, limit: Self.payloadMax)
        return [
            "hasResult": true, "resultText": shown.text, "resultSize": NumberText.bytes(result.utf8.count),
            "resultCut": shown.isCut ? "Cut after \(NumberText.bytes(Self.payloadMax))." : false,
        ]
    }
}
