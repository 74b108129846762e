import HTTPTypes
import Hummingbird

/// Which methods a path knows, for the answer to a request with another one.
struct RouteTable: Sendable {
    struct Route: Sendable, Hashable {
        let method: String
        /// As in `openapi.yaml`: `/v1/jobs/{id}`.
        let path: String
    }

    let routes: [Route]

    init(_ router: Router<APIContext>) {
        routes = router.routes.map { Route(method: $0.method.rawValue, path: Self.template($0.path)) }
    }

    /// Hummingbird's `**`, which only the streams have, is the stream's name.
    private static func template(_ path: RouterPath) -> String {
        "/" + path.description.split(separator: "/").map { $0 == "**" ? "{name}" : $0 }.joined(separator: "/")
    }

    /// The methods of this path, sorted; empty where no route has it. Where several templates fit, the one that says most about the path is meant,
    /// as in the router.
    func methods(of path: String) -> [String] {
        let parts = path.split(separator: "/")
        let fitting = routes.filter { Self.matches($0.path.split(separator: "/"), parts) }
        let captures = fitting.map { Self.captures($0.path) }.min()
        let methods = Set(fitting.filter { Self.captures($0.path) == captures }.map(\.method))
        return (methods.contains("GET") ? methods.union(["HEAD"]) : methods).sorted()
    }

    private static func captures(_ template: String) -> Int { template.utf8.count { $0 == UInt8(ascii: "{") } }

    private static func matches(_ template: [Substring], _ parts: [Substring]) -> Bool {
        if template.last == "{name}", template.starts(with: ["v1", "streams"]) { return parts.count > 2 && parts.starts(with: ["v1", "streams"]) }
        guard template.count == parts.count else { return false }
        return zip(template, parts).allSatisfy { $0 == $1 || $0.hasPrefix("{") }
    }
}
