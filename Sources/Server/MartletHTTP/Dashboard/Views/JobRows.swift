import MartletCore

/// A table of jobs, newest first: the values of the template `job-rows`.
struct JobRows {
    let jobs: [JobRecord]
    let caption: String
    let time: TimeText

    private static let lineMax = 200

    var values: PageValues { ["rows": jobs.map(row), "rowsCaption": caption, "hasRows": !jobs.isEmpty] }

    private func row(_ job: JobRecord) -> PageValues {
        let id = job.id.description
        var row: PageValues = [
            "rowID": id, "rowShort": "…\(id.suffix(8))", "rowHref": PageLink.job(job.id), "rowKind": job.kind, "rowQueue": job.queue,
            "rowQueueHref": PageLink.queue(job.queue), "rowAttempt": "\(job.attempt) / \(job.maxAttempts)",
            "rowKey": job.key.orFalse, "rowTenant": job.tenant.isEmpty ? false : job.tenant, "rowCreated": time.values(job.createdAt),
            "rowError": job.error.map(Self.line).orFalse, "rowProgress": Self.progress(job),
        ]
        row.merge(JobState(job, time).values) { $1 }
        return row
    }

    /// A failure in one line.
    private static func line(_ failure: Failure) -> String {
        let first = failure.message.split(whereSeparator: \.isNewline).first.map(String.init) ?? ""
        let cut = Limits.cut(first, to: lineMax)
        return "\(Limits.cut(failure.kind, to: 64)): \(cut)\(cut == failure.message ? "" : " …")"
    }

    /// A job that has succeeded needs no bar to say so.
    static func progress(_ job: JobRecord) -> Any {
        guard let progress = job.progress, job.outcome != .succeeded else { return false }
        return ["progressValue": "\(progress.fraction)", "progressPercent": NumberText.percent(progress.fraction)] as PageValues
    }
}
