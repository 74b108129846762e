import HTTPTypes
import Hummingbird
import Martlet
import MartletCore

extension Dashboard {
    func overview(_ request: Request, _ site: DashboardSite) async throws -> Response {
        guard site.reader.principal.may(.queuesRead) else {
            // It counts everybody's jobs. Whoever sees only some has the list of those.
            if site.reader.principal.may(.jobsRead) { return .seeOther("/jobs") }
            throw Problem.forbidden(.queuesRead)
        }
        let overview = try await store.overview()
        let view = OverviewView(overview: overview, known: Set(engine.kinds), example: Self.example(request))
        return Self.response(view, overview.now, request, site)
    }

    func jobs(_ request: Request, _ site: DashboardSite) async throws -> Response {
        let filter = JobFilter(FormFields(request.uri.query ?? ""))
        let principal = site.reader.principal
        let overview = try await store.overview()
        let page = try await store.jobs(filter.query, seenBy: principal)
        let view = JobListView(
            filter: filter, page: page, overview: overview, example: Self.example(request), hasCounts: principal.may(.queuesRead))
        return Self.response(view, overview.now, request, site)
    }

    func job(_ id: JobID, _ request: Request, _ site: DashboardSite) async throws -> Response {
        guard let detail = try await store.job(id), site.reader.principal.sees(detail.job.tenant) else {
            throw Problem(.notFound, "job \(id) does not exist: it never did, or it is past its queue's retention")
        }
        var children = JobQuery()
        children.parent = id
        children.limit = 20
        let overview = try await store.overview()
        let view = JobView(
            detail: detail, events: try await end(of: StreamName.job(id)), children: try await store.jobs(children, seenBy: site.reader.principal),
            now: overview.now,
            known: Set(engine.kinds))
        return Self.response(view, overview.now, request, site)
    }

    /// The last events of a stream.
    private func end(of stream: String) async throws -> EventPage {
        let first = try await store.read(stream, after: 0, limit: JobView.linesMax)
        guard first.last > first.events.last?.sequence ?? 0 else { return first }
        return try await store.read(stream, after: max(0, first.last - JobView.linesMax), limit: JobView.linesMax)
    }

    func queue(
        _ name: String, _ request: Request, _ site: DashboardSite, refused: (texts: [String: String], reason: String)? = nil
    ) async throws -> Response {
        let overview = try await store.overview()
        guard let queue = overview.queues.first(where: { $0.name == name }) else {
            throw Problem(.notFound, "queue '\(Limits.cut(name, to: 64))' does not exist: a queue comes into being with its first job or its policy")
        }
        var query = JobQuery()
        query.queue = name
        query.limit = 20
        let page = site.reader.principal.may(.jobsRead) ? try await store.jobs(query) : JobPage(jobs: [], next: nil)
        let view = QueueView(
            queue: queue, jobs: page, now: overview.now, example: Self.example(request), refused: refused)
        return Self.response(view, overview.now, request, site, status: refused == nil ? .ok : .badRequest)
    }

    func triggers(_ request: Request, _ site: DashboardSite) async throws -> Response {
        let fields = FormFields(request.uri.query ?? "")
        let overview = try await store.overview()
        var states = overview.triggers[...]
        if let name = fields["name"] {
            states = states.filter { $0.name == name }[...]
            if states.isEmpty { throw Problem(.notFound, "trigger '\(Limits.cut(name, to: 64))' does not exist") }
        } else if let after = fields["after"] {
            states = states.drop { $0.name <= after }
        }
        let shown = states.prefix(TriggersView.pageSize)
        var entries: [TriggersView.Entry] = []
        for state in shown {
            var query = JobQuery()
            query.trigger = state.name
            query.limit = TriggersView.recentMax
            entries.append((state, site.reader.principal.may(.jobsRead) ? try await store.jobs(query).jobs : []))
        }
        let next = shown.count < states.count ? shown.last?.name : nil
        let view = TriggersView(entries: entries, next: next, now: overview.now, example: Self.example(request))
        return Self.response(view, overview.now, request, site)
    }

    private static func response(
        _ view: some PageView, _ now: Timestamp, _ request: Request, _ site: DashboardSite, status: HTTPResponse.Status = .ok
    ) -> Response {
        let notice = FormFields(request.uri.query ?? "")["notice"].flatMap(PageNotice.init(rawValue:))
        return .page(site.renderer.render(view, now: now, notice: notice?.text, for: site.reader), status: status)
    }

    /// The guard has seen to it that the host is one of this server's names.
    private static func example(_ request: Request) -> ExampleCommand {
        ExampleCommand(authority: request.head.authority ?? "127.0.0.1:8080")
    }
}
