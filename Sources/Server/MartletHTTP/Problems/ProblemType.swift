/// The kinds of trouble that the API names: the last part of a problem's `type`, on which programs can rely.
enum ProblemType: String, Sendable, CaseIterable {
    case malformedJSON = "malformed-json"
    case unknownField = "unknown-field"
    case invalidField = "invalid-field"
    case payloadTooLarge = "payload-too-large"
    case unsupportedMediaType = "unsupported-media-type"
    case unauthenticated
    case forbidden
    case notFound = "not-found"
    case methodNotAllowed = "method-not-allowed"
    case wrongHost = "wrong-host"
    case foreignOrigin = "foreign-origin"
    case leaseLost = "lease-lost"
    case keyTaken = "key-taken"
    case idTaken = "id-taken"
    case wrongPhase = "wrong-phase"
    case queueFull = "queue-full"
    case tooManyRequests = "too-many-requests"
    case tooManyStreams = "too-many-streams"
    case storeUnavailable = "store-unavailable"
    case storeCorrupt = "store-corrupt"
    case internalError = "internal-error"

    var status: Int {
        switch self {
        case .malformedJSON, .unknownField, .invalidField: 400
        case .unauthenticated: 401
        case .forbidden, .foreignOrigin: 403
        case .notFound: 404
        case .methodNotAllowed: 405
        case .leaseLost, .keyTaken, .idTaken, .wrongPhase: 409
        case .payloadTooLarge: 413
        case .unsupportedMediaType: 415
        case .wrongHost: 421
        case .queueFull, .tooManyRequests: 429
        case .storeCorrupt, .internalError: 500
        case .tooManyStreams, .storeUnavailable: 503
        }
    }

    var title: String {
        switch self {
        case .malformedJSON: "The body is not JSON"
        case .unknownField: "There is no such field"
        case .invalidField: "A value is not allowed"
        case .payloadTooLarge: "Too large"
        case .unsupportedMediaType: "This content type is not understood"
        case .unauthenticated: "Nobody knows who you are"
        case .forbidden: "This is not allowed"
        case .notFound: "There is no such thing"
        case .methodNotAllowed: "The path does not know this method"
        case .wrongHost: "This server has another name"
        case .foreignOrigin: "The request comes from another site"
        case .leaseLost: "The lease is no longer current"
        case .keyTaken: "The key belongs to another job"
        case .idTaken: "The id belongs to another job"
        case .wrongPhase: "The job is in another phase"
        case .queueFull: "The queue is full"
        case .tooManyRequests: "Too many requests"
        case .tooManyStreams: "Too many live readers"
        case .storeUnavailable: "The store is not available"
        case .storeCorrupt: "The store's data cannot be used"
        case .internalError: "The server made a mistake"
        }
    }
}
