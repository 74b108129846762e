/// Why a token is not accepted. Says nothing of what it holds.
enum TokenFault: Error, Sendable, Hashable {
    case malformed
    case algorithm
    case unknownKey
    case signature
    case expired
    case early
    case issuer
    case audience
    case tenant

    var reason: String {
        switch self {
        case .malformed: "the token is not a signed JSON Web Token"
        case .algorithm: "the token is signed with an algorithm that none of the issuer's keys is for"
        case .unknownKey: "the token is signed with a key that the issuer does not publish"
        case .signature: "the token's signature is not right"
        case .expired: "the token has expired, or does not say when it will"
        case .early: "the token is not valid yet: are the clocks of both machines right?"
        case .issuer: "the token comes from another issuer"
        case .audience: "the token is meant for another audience"
        case .tenant: "the token names no tenant"
        }
    }
}
