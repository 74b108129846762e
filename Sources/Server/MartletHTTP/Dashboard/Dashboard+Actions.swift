import HTTPTypes
import Hummingbird
import Martlet
import MartletCore

extension Dashboard {
    private static let formBytesMax = 64 << 10
    /// A signal's data may be a payload of the largest size, each byte of it as `%XX`.
    private static let signalBytesMax = 3 * Limits.payloadBytes + (4 << 10)

    func addActions(to router: Router<APIContext>, _ site: DashboardSite) {
        func add(_ path: RouterPath, _ body: @escaping @Sendable (Request, APIContext) async throws -> Response) {
            router.post(path) { request, context in
                await answer(request, context, site) {
                    guard SameOrigin.allows(request.head) else {
                        throw Problem(.foreignOrigin, "this form was not sent by a page of this server; programs use the API under /v1")
                    }
                    return try await body(request, context)
                }
            }
        }
        add("/jobs/:id/cancel") { _, context in try await cancel(try PathReader.job(context)) }
        add("/jobs/:id/revive") { _, context in try await revive(try PathReader.job(context)) }
        add("/jobs/:id/signal") { request, context in try await signal(try PathReader.job(context), request) }
        add("/queues/:name/pause") { request, context in try await pause(true, try PathReader.name(context), request) }
        add("/queues/:name/resume") { request, context in try await pause(false, try PathReader.name(context), request) }
        add("/queues/:name/policy") { request, context in try await policy(try PathReader.name(context), request, site) }
        add("/triggers/:name/pause") { _, context in try await pauseTrigger(true, try PathReader.name(context)) }
        add("/triggers/:name/resume") { _, context in try await pauseTrigger(false, try PathReader.name(context)) }
    }

    private func form(_ request: Request, bytesMax: Int = formBytesMax) async throws -> FormFields {
        let body = try await BodyReader.bytes(request, bytesMax: bytesMax)
        return FormFields(String(decoding: body.readableBytesView, as: UTF8.self))
    }

    private static func done(_ notice: PageNotice, _ path: String) -> Response { .seeOther("\(path)?notice=\(notice.rawValue)") }

    private func cancel(_ id: JobID) async throws -> Response {
        let job = try await store.cancel(id)
        return Self.done(job.phase == .finished ? .cancelled : .stopping, PageLink.job(id))
    }

    private func revive(_ id: JobID) async throws -> Response {
        _ = try await store.revive(id)
        return Self.done(.revived, PageLink.job(id))
    }

    private func signal(_ id: JobID, _ request: Request) async throws -> Response {
        let form = try await form(request, bytesMax: Self.signalBytesMax)
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

    private func pause(_ isPaused: Bool, _ name: String, _ request: Request) async throws -> Response {
        _ = try await store.set(name, .paused(isPaused))
        // Of the pages that have the button only one has another address than the queue's own.
        let isOverview = try await form(request)["back"] == "/"
        return Self.done(isPaused ? .paused : .resumed, isOverview ? "/" : PageLink.queue(name))
    }

    private func policy(_ name: String, _ request: Request, _ site: DashboardSite) async throws -> Response {
        let form = try await form(request)
        do {
            _ = try await store.set(name, .policy(try PolicyForm.policy(form)))
        } catch StoreError.invalid(let field, let reason) {
            return try await queue(name, request, site, refused: (PolicyForm.texts(form), "\(field) \(reason). Nothing was saved."))
        }
        return Self.done(.saved, PageLink.queue(name))
    }

    private func pauseTrigger(_ isPaused: Bool, _ name: String) async throws -> Response {
        guard var trigger = try await store.overview().triggers.first(where: { $0.name == name })?.trigger else {
            throw StoreError.notFound("trigger '\(Limits.cut(name, to: 64))'")
        }
        trigger.isPaused = isPaused
        _ = try await store.put(trigger, named: name)
        return Self.done(isPaused ? .paused : .resumed, "/triggers")
    }
}
