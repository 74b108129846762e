import HTTPTypes

/// Which rule each route has. A route without one needs `admin`: what nobody thought about is nobody else's.
public struct RouteRules: Sendable {
    private var rules: [String: [HTTPRequest.Method: RouteRule]] = [:]

    /// - Parameter path: as in `openapi.yaml`, but with `**` for all that is left: `/v1/streams/**`.
    public mutating func set(_ rule: RouteRule, _ method: HTTPRequest.Method, _ path: String) {
        rules[path, default: [:]][method] = rule
    }

    /// The rule of a route, where it has one of its own.
    func own(_ method: HTTPRequest.Method, _ path: String) -> RouteRule? {
        // A HEAD is a GET whose answer has no body.
        rules[path]?[method == .head ? .get : method]
    }

    func rule(_ method: HTTPRequest.Method, _ path: String) -> RouteRule { own(method, path) ?? .needs(.admin) }

    /// Those of the API and the dashboard.
    public static let standard: RouteRules = {
        var rules = RouteRules()
        for (rule, method, paths) in api + pages {
            for path in paths { rules.set(rule, method, path) }
        }
        return rules
    }()

    private typealias Entry = (RouteRule, HTTPRequest.Method, [String])

    private static let api: [Entry] = [
        (.everybody, .get, ["/healthz", "/readyz", "/openapi.yaml"]),
        // Whoever knows the source's secret; the route checks the signature.
        (.everybody, .post, ["/hooks/{source}"]),
        (.needs(.jobsWrite), .post, ["/v1/jobs", "/v1/jobs/batch", "/v1/jobs/{id}/cancel", "/v1/jobs/{id}/revive", "/v1/jobs/{id}/signal"]),
        (.needs(.jobsRead), .get, ["/v1/jobs", "/v1/jobs/{id}", "/v1/jobs/{id}/events"]),
        (.needs(.queuesRead), .get, ["/v1/queues", "/v1/queues/{name}", "/v1/overview"]),
        (.needs(.queuesWrite), .patch, ["/v1/queues/{name}"]),
        (.needs(.queuesWrite), .post, ["/v1/queues/{name}/pause", "/v1/queues/{name}/resume"]),
        (.needs(.triggersRead), .get, ["/v1/triggers", "/v1/triggers/{name}"]),
        (.needs(.triggersWrite), .put, ["/v1/triggers/{name}"]),
        (.needs(.triggersWrite), .delete, ["/v1/triggers/{name}"]),
        // By the stream's name: see `Principal.reading`.
        (.somebody, .get, ["/v1/streams/**", "/v1/live"]),
        (.needs(.eventsWrite), .post, ["/v1/events"]),
        (
            .needs(.work), .post,
            [
                "/v1/claim", "/v1/settle", "/v1/leases/{job}/renew", "/v1/leases/{job}/events", "/v1/leases/{job}/steps/{name}",
                "/v1/leases/{job}/settle",
            ]
        ),
        (.needs(.admin), .get, ["/v1/logs", "/v1/logs/export", "/v1/logs/{seq}"]),
        (.needs(.metricsRead), .get, ["/metrics"]),
    ]

    private static let pages: [Entry] = [
        (.everybody, .get, ["/assets/{file}", "/sign-in"]),
        (.everybody, .post, ["/sign-in"]),
        (.somebody, .post, ["/sign-out"]),
        // Leads on to the page that its reader may see.
        (.somebody, .get, ["/"]),
        (.needs(.jobsRead), .get, ["/jobs", "/jobs/{id}"]),
        (.needs(.jobsWrite), .post, ["/jobs/{id}/cancel", "/jobs/{id}/revive", "/jobs/{id}/signal"]),
        (.needs(.queuesRead), .get, ["/queues/{name}"]),
        (.needs(.queuesWrite), .post, ["/queues/{name}/pause", "/queues/{name}/resume", "/queues/{name}/policy"]),
        (.needs(.triggersRead), .get, ["/triggers"]),
        (.needs(.triggersWrite), .post, ["/triggers/{name}/pause", "/triggers/{name}/resume"]),
    ]
}
