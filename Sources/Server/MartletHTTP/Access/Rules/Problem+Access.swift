import MartletCore

extension Problem {
    static func unauthenticated(_ reason: String) -> Problem { Problem(.unauthenticated, reason) }

    static func forbidden(_ scope: Scope) -> Problem {
        Problem(
            .forbidden, "this needs the scope \(scope.rawValue), which this principal does not have", [.init("scope", .string(scope.rawValue))])
    }

    /// - Parameter who: goes on "as many requests as it may".
    static func tooManyRequests(_ who: String, _ delay: Duration) -> Problem {
        var problem = Problem(.tooManyRequests, "\(who) as many requests as it may in such a time: wait")
        problem.retryAfter = delay
        return problem
    }
}
