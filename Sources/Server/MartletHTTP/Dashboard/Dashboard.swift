import HTTPTypes
import Hummingbird
import Logging
import Martlet
import MartletCore
import NIOCore

/// The pages for people, at `/`. They work without scripts: every page is HTML, every button a form.
///
/// Pages read what the store keeps at hand (its overview, one page of jobs, one job, the end of one stream), never anything that grows with the
/// number of jobs.
struct Dashboard: Sendable {
    let engine: Engine
    let access: AccessControl
    let audit: AuditLog

    init(engine: Engine, access: AccessControl? = nil) {
        self.engine = engine
        self.access = access ?? AccessControl(environment: engine.environment)
        audit = AuditLog(store: engine.store)
    }

    var store: any Store { engine.store }

    /// - Throws: where a template in the binary is not well formed.
    func addRoutes(to router: Router<APIContext>) throws {
        let site = try DashboardSite.shared.get()
        addPages(to: router, site)
        addActions(to: router, site)
        addSignIn(to: router, site)
        router.get("/assets/:file") { request, context in asset(request, context.parameters.get("file") ?? "", site) }
    }

    private func addPages(to router: Router<APIContext>, _ site: DashboardSite) {
        func add(_ path: RouterPath, _ page: @escaping @Sendable (Request, APIContext, DashboardSite) async throws -> Response) {
            router.get(path) { request, context in
                let site = site.read(by: context.identity)
                return await answer(request, context, site) { try await page(request, context, site) }
            }
        }
        add("/") { request, _, site in try await overview(request, site) }
        add("/jobs") { request, _, site in try await jobs(request, site) }
        add("/jobs/:id") { request, context, site in try await job(try PathReader.job(context), request, site) }
        add("/queues/:name") { request, context, site in try await queue(try PathReader.name(context), request, site) }
        add("/triggers") { request, _, site in try await triggers(request, site) }
    }

    /// The page that says what went wrong, for those who read pages; `nil` for programs, which get the problem itself.
    func page(for problem: Problem, to request: Request) -> Response? {
        guard !request.uri.path.hasPrefix("/v1/"), request.headers[.accept]?.contains("text/html") == true,
            case .success(let site) = DashboardSite.shared
        else { return nil }
        if problem.type == .unauthenticated, request.method != .post { return .seeOther(SignInView.path(leadingTo: request.uri.description)) }
        return message(problem, request, site)
    }

    /// Runs `body` and answers what it throws with a page.
    func answer(
        _ request: Request, _ context: APIContext, _ site: DashboardSite, _ body: () async throws -> Response
    ) async -> Response {
        do {
            return try await body()
        } catch let problem as Problem {
            return message(problem, request, site)
        } catch let error as StoreError {
            if case .corrupt(let reason) = error {
                context.logger.error("the store's data cannot be used", metadata: ["reason": "\(reason)"])
            }
            return message(Problem(error), request, site)
        } catch is CancellationError {
            return message(Problem(.storeUnavailable, "the server stops: try again"), request, site)
        } catch {
            // The error's text may hold what the request held: its type is enough to find the place.
            context.logger.error("a page failed by a fault of the server", metadata: ["error": "\(type(of: error))"])
            return message(Problem(.internalError, "the server made a mistake, which is in its log"), request, site)
        }
    }

    private func message(_ problem: Problem, _ request: Request, _ site: DashboardSite) -> Response {
        let view = MessageView(
            status: problem.type.status, title: problem.type.title, text: problem.detail.prefix(1).uppercased() + problem.detail.dropFirst() + ".",
            back: request.method == .post ? Self.page(of: request.uri.path) : nil)
        let html = site.renderer.render(view, now: engine.environment.clock.now(), for: site.reader)
        var response = Response.page(html, status: HTTPResponse.Status(code: problem.type.status))
        response.headers[.retryAfter] = problem.response.headers[.retryAfter]
        return response
    }

    /// The page that holds the form which posts to this path.
    private static func page(of action: String) -> String? {
        let parts = action.split(separator: "/")
        guard parts.count == 3, let first = parts.first else { return nil }
        return first == "triggers" ? "/triggers" : "/\(parts[0])/\(parts[1])"
    }

    private func asset(_ request: Request, _ name: String, _ site: DashboardSite) -> Response {
        guard let asset = site.assets.byName[name] else {
            return message(Problem(.notFound, "there is no such file"), request, site)
        }
        let isCurrent = FormFields(request.uri.query ?? "")["v"] == asset.hash
        let tag = "\"\(asset.hash)\""
        var headers: HTTPFields = [
            .contentType: asset.mediaType, .eTag: tag,
            .cacheControl: isCurrent ? "public, max-age=31536000, immutable" : "no-cache",
        ]
        headers.protectPage()
        if request.headers[.ifNoneMatch] == tag { return Response(status: .notModified, headers: headers) }
        return Response(status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: asset.bytes)))
    }
}
