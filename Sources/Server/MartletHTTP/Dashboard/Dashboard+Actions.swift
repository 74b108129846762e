import HTTPTypes
import Hummingbird
import Martlet
import MartletCore

extension Dashboard {
    static let formBytesMax = 64 << 10
    /// A signal's data may be a payload of the largest size, each byte of it as `%XX`.
    private static let signalBytesMax = 3 * Limits.payloadBytes + (4 << 10)

    func addActions(to router: Router<APIContext>, _ site: DashboardSite) {
        func add(
            _ path: RouterPath, bytesMax: Int = Self.formBytesMax,
            _ body: @escaping @Sendable (FormFields, Request, APIContext, DashboardSite) async throws -> Response
        ) {
            router.post(path) { request, context in
                let site = site.read(by: context.identity)
                return await answer(request, context, site) {
                    let form = try await form(request, context, bytesMax: bytesMax)
                    return try await body(form, request, context, site)
                }
            }
        }
        add("/jobs/:id/cancel") { _, _, context, _ in try await cancel(try PathReader.job(context), context.principal) }
        add("/jobs/:id/revive") { _, _, context, _ in try await revive(try PathReader.job(context), context.principal) }
        add("/jobs/:id/signal", bytesMax: Self.signalBytesMax) { form, _, context, _ in
            try await signal(try PathReader.job(context), form, context.principal)
        }
        add("/queues/:name/pause") { form, _, context, _ in try await pause(true, try PathReader.name(context), form, context.principal) }
        add("/queues/:name/resume") { form, _, context, _ in try await pause(false, try PathReader.name(context), form, context.principal) }
        add("/queues/:name/policy") { form, request, context, site in try await policy(try PathReader.name(context), form, request, site) }
        add("/triggers/:name/pause") { _, _, context, _ in try await pauseTrigger(true, try PathReader.name(context), context.principal) }
        add("/triggers/:name/resume") { _, _, context, _ in try await pauseTrigger(false, try PathReader.name(context), context.principal) }
    }

    /// The fields of a form that a page of this server has sent.
    func form(_ request: Request, _ context: APIContext, bytesMax: Int = formBytesMax) async throws -> FormFields {
        guard SameOrigin.allows(request.head) else {
            throw Problem(.foreignOrigin, "this form was not sent by a page of this server; programs use the API under /v1")
        }
        let body = try await BodyReader.bytes(request, bytesMax: bytesMax)
        let form = FormFields(String(decoding: body.readableBytesView, as: UTF8.self))
        if let session = context.identity.session, !FormToken.isRight(form[FormToken.field], session: session) {
            throw Problem(.foreignOrigin, "this form belongs to another session: load its page anew, and send it again")
        }
        return form
    }

    private static func done(_ notice: PageNotice, _ path: String) -> Response { .seeOther("\(path)?notice=\(notice.rawValue)") }

    private func cancel(_ id: JobID, _ principal: Principal) async throws -> Response {
        try await store.requireJob(id, seenBy: principal)
        let job = try await audit.record(.cancelJob, "job/\(id)", principal) { try await store.cancel(id) }
        return Self.done(job.phase == .finished ? .cancelled : .stopping, PageLink.job(id))
    }

    private func revive(_ id: JobID, _ principal: Principal) async throws -> Response {
        try await store.requireJob(id, seenBy: principal)
        _ = try await audit.record(.reviveJob, "job/\(id)", principal) { try await store.revive(id) }
        return Self.done(.revived, PageLink.job(id))
    }

    private func signal(_ id: JobID, _ form: FormFields, _ principal: Principal) async throws -> Response {
        try await store.requireJob(id, seenBy: principal)
        guard let name = form["name"], !name.isEmpty else { throw Problem.invalid("name", "is missing") }
        let text = form["data"] ?? ""
        let data: Payload
        do throws(JSONError) {
            data = text.allSatisfy(\.isWhitespace) ? .null : try Payload(json: text.utf8)
        } catch {
            throw Problem.invalid("data", "must be JSON: \(error)")
        }
        try await engine.signal(id, name, data: data)
        return Self.done(.signalled, PageLink.job(id))
    }

    private func pause(_ isPaused: Bool, _ name: String, _ form: FormFields, _ principal: Principal) async throws -> Response {
        _ = try await audit.record(isPaused ? .pauseQueue : .resumeQueue, "queue/\(name)", principal) {
            try await store.set(name, .paused(isPaused))
        }
        // Of the pages that have the button only one has another address than the queue's own.
        let isOverview = form["back"] == "/"
        return Self.done(isPaused ? .paused : .resumed, isOverview ? "/" : PageLink.queue(name))
    }

    private func policy(_ name: String, _ form: FormFields, _ request: Request, _ site: DashboardSite) async throws -> Response {
        do {
            let policy = try PolicyForm.policy(form)
            _ = try await audit.record(.changeQueue, "queue/\(name)", site.reader.principal) { try await store.set(name, .policy(policy)) }
        } catch StoreError.invalid(let field, let reason) {
            return try await queue(name, request, site, refused: (PolicyForm.texts(form), "\(field) \(reason). Nothing was saved."))
        }
        return Self.done(.saved, PageLink.queue(name))
    }

    private func pauseTrigger(_ isPaused: Bool, _ name: String, _ principal: Principal) async throws -> Response {
        guard var trigger = try await store.overview().triggers.first(where: { $0.name == name })?.trigger else {
            throw StoreError.notFound("trigger '\(Limits.cut(name, to: 64))'")
        }
        trigger.isPaused = isPaused
        let changed = trigger
        _ = try await audit.record(isPaused ? .pauseTrigger : .resumeTrigger, "trigger/\(name)", principal) {
            try await store.put(changed, named: name)
        }
        return Self.done(isPaused ? .paused : .resumed, "/triggers")
    }
}
