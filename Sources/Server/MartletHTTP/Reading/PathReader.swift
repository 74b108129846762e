import Hummingbird
import MartletCore

/// What a path's variable parts say.
enum PathReader {
    static func job(_ context: APIContext, _ name: String = "id") throws(Problem) -> JobID {
        guard let id = JobID(context.parameters.get(name) ?? "") else { throw .invalid(name, "must be a UUID, in the path") }
        return id
    }

    /// A queue, a trigger, a step or a source.
    static func name(_ context: APIContext, _ name: String = "name") throws(Problem) -> String {
        try checked(context.parameters.get(name) ?? "", name)
    }

    /// All that follows `prefix`, slashes included: a stream's name.
    static func rest(_ request: Request, after prefix: String) throws(Problem) -> String {
        try checked(String(request.uri.path.dropFirst(prefix.count)), "name")
    }

    private static func checked(_ encoded: String, _ field: String) throws(Problem) -> String {
        guard let text = PercentEncoding.decode(encoded) else { throw .invalid(field, "must be percent-encoded UTF-8, in the path") }
        guard FieldReader.isName(text) else { throw .invalid(field, FieldReader.nameRule() + ", in the path") }
        return text
    }
}
