import HTTPTypes
import Hummingbird

/// Lets a request to its route where the route's rule allows it. Stands before every route, by the router's own order.
struct AccessMiddleware: RouterMiddleware {
    let access: AccessControl
    let rules: RouteRules

    /// What a page's script sends with a request that changes something.
    static let formTokenHeader = HTTPField.Name("X-Form-Token")!

    func handle(_ request: Request, context: APIContext, next: @concurrent (Request, APIContext) async throws -> Response) async throws
        -> Response
    {
        // A path without a route has nothing to guard.
        guard let path = context.endpointPath else { return try await next(request, context) }
        let rule = rules.rule(request.method, path)
        guard rule != .everybody else { return try await next(request, context) }
        let identity = try await access.identity(of: request.head) { context.peer }
        var context = context
        context.identity = identity
        if case .needs(let scope) = rule, !context.principal.may(scope) { throw Problem.forbidden(scope) }
        try checkForm(request, context)
        return try await next(request, context)
    }

    /// A browser sends a session's cookie by itself, whoever made it send the request. What changes something by it must show that it comes from
    /// a page of this server: forms carry a token, which the dashboard checks; the API takes it as a header.
    private func checkForm(_ request: Request, _ context: APIContext) throws(Problem) {
        guard let session = context.identity.session, request.method != .get, request.method != .head, request.uri.path.hasPrefix("/v1/") else {
            return
        }
        guard FormToken.isRight(request.headers[Self.formTokenHeader], session: session) else {
            throw Problem(.foreignOrigin, "a session may change something only from a page of this server: programs send a key")
        }
    }
}
