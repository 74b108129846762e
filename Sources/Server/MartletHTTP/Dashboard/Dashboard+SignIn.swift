import HTTPTypes
import Hummingbird
import Martlet
import MartletCore

extension Dashboard {
    func addSignIn(to router: Router<APIContext>, _ site: DashboardSite) {
        router.get("/sign-in") { request, context in
            await answer(request, context, site) {
                let next = SignInView.localPage(FormFields(request.uri.query ?? "")["next"])
                return access.asks ? page(SignInView(next: next), site) : .seeOther(next)
            }
        }
        router.post("/sign-in") { request, context in
            await answer(request, context, site) { try await signIn(request, context, site) }
        }
        router.post("/sign-out") { request, context in
            await answer(request, context, site.read(by: context.identity)) { try await signOut(request, context) }
        }
    }

    private func signIn(_ request: Request, _ context: APIContext, _ site: DashboardSite) async throws -> Response {
        let form = try await form(request, context)
        let next = SignInView.localPage(form["next"])
        let client = access.client(of: request.head) { context.peer }
        let cookie = SessionCookie(isSecure: client.isSecure)
        do throws(Problem) {
            let (token, key) = try await access.signIn((form["key"] ?? "").filter { !$0.isWhitespace }, from: client)
            await audit.record(AuditEntry(.signIn, "key/\(key.id)", by: key.principal.name, address: client.text))
            var response = Response.seeOther(next)
            response.headers[.setCookie] = cookie.setting(token, for: access.configuration.sessionLifetime)
            return response
        } catch {
            guard error.type == .unauthenticated || error.type == .tooManyRequests else { throw error }
            if error.type == .unauthenticated { await auditRefusal(form["key"] ?? "", client) }
            let fault = error.detail.prefix(1).uppercased() + error.detail.dropFirst() + "."
            var response = page(SignInView(next: next, fault: fault), site, HTTPResponse.Status(code: error.type.status))
            response.headers[.retryAfter] = error.response.headers[.retryAfter]
            return response
        }
    }

    /// So many and no more: the audit is kept for ever, and must not be filled by whoever finds this page.
    private func auditRefusal(_ key: String, _ client: ClientAddress) async {
        guard access.refusalsToAudit.take("") == nil else { return }
        let target = KeySecret.id(in: key).map { "key/\($0)" } ?? "key"
        await audit.record(AuditEntry(.refuseSignIn, target, by: Principal.nobody.name, .refused, address: client.text))
    }

    private func signOut(_ request: Request, _ context: APIContext) async throws -> Response {
        _ = try await form(request, context)
        var response = Response.seeOther("/sign-in")
        if let session = context.identity.session {
            try await access.signOut(session)
            await audit.record(AuditEntry(.signOut, "session", by: context.principal.name))
        }
        response.headers[.setCookie] = access.cookies(for: request.head) { context.peer }.clearing
        return response
    }

    private func page(_ view: SignInView, _ site: DashboardSite, _ status: HTTPResponse.Status = .ok) -> Response {
        .page(site.renderer.render(view, now: engine.environment.clock.now(), for: .nobody), status: status)
    }
}
