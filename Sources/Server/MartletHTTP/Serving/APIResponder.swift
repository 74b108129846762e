import Database
import HTTPTypes
import Hummingbird
import Logging
import Martlet
import MartletCore

/// The outermost layer: guards, answers refusals as problems, counts. No request is logged but one that failed by a fault of the server.
struct APIResponder: HTTPResponder {
    let router: RouterResponder<APIContext>
    let routes: RouteTable
    let guardian: RequestGuard
    let access: AccessControl
    let requests: RequestMetrics
    let dashboard: Dashboard
    let ids: RequestIDs
    let clock: any EngineClock

    func respond(to request: Request, context: APIContext) async throws -> Response {
        let start = clock.uptime()
        let id = ids.id(of: request.head)
        var response = await answer(request, context, id)
        response.headers[.contentTypeOptions] = "nosniff"
        response.headers[.requestID] = id
        requests.count(
            request.method, route: context.endpointPath ?? RequestMetrics.noRoute, status: response.status.code, took: clock.uptime() - start)
        return response
    }

    private func answer(_ request: Request, _ context: APIContext, _ id: String) async -> Response {
        do {
            try guardian.check(request.head)
            var context = context
            if !Self.isUncounted(request.uri.path) { context.place = try access.requests.enter() }
            defer { context.place?.leave() }
            let response = try await router.respond(to: request, context: context)
            guard response.status == .notFound, context.endpointPath == RequestMetrics.noRoute else { return response }
            throw missingRoute(request)
        } catch {
            return refusal(error, request, context, id)
        }
    }

    /// How the server is doing must be told above all when it does badly.
    private static func isUncounted(_ path: String) -> Bool { path == "/healthz" || path == "/readyz" || path == "/metrics" }

    /// A path that nobody knows, or one that does not know this method.
    private func missingRoute(_ request: Request) -> Problem {
        let methods = routes.methods(of: request.uri.path)
        guard !methods.isEmpty else { return Problem(.notFound, "this path does not exist: see /openapi.yaml") }
        var problem = Problem(
            .methodNotAllowed, "this path does not know this method; allowed are \(methods.joined(separator: ", "))",
            [.init("allowed", .array(methods.map(JSON.string)))])
        problem.allow = methods
        return problem
    }

    private func refusal(_ error: any Error, _ request: Request, _ context: APIContext, _ id: String) -> Response {
        let problem: Problem
        switch error {
        case let error as Problem: problem = error
        case let error as StoreError: problem = Problem(error)
        case let error as DatabaseFailure: problem = Problem(error)
        case let error as LeaseError:
            var busy = Problem(.storeUnavailable, "\(error)")
            busy.retryAfter = .seconds(1)
            problem = busy
        case is CancellationError:
            var stopping = Problem(.storeUnavailable, "the server stops: try again")
            stopping.retryAfter = .seconds(1)
            problem = stopping
        default:
            // The error's text may hold what the request held: its type is enough to find the place.
            context.logger.error(
                "a request failed by a fault of the server",
                metadata: ["request": "\(id)", "route": "\(context.endpointPath ?? RequestMetrics.noRoute)", "error": "\(type(of: error))"])
            problem = Problem(.internalError, "the server made a mistake, which is in its log under this request's id")
        }
        if case .corrupt(let reason)? = error as? StoreError {
            context.logger.error("the store's data cannot be used", metadata: ["request": "\(id)", "reason": "\(reason)"])
        }
        let response = dashboard.page(for: problem, to: request) ?? problem.response
        return request.method == .head ? response.createHeadResponse() : response
    }
}
