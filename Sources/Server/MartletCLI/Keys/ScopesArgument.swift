import ArgumentParser
import MartletHTTP

/// Scopes on the command line, with commas between them.
struct ScopesArgument: ExpressibleByArgument, Sendable {
    let scopes: Scopes

    init?(argument: String) {
        var scopes: [Scope] = []
        for name in argument.split(separator: ",", omittingEmptySubsequences: false) {
            guard let scope = Scope(rawValue: String(name)) else { return nil }
            scopes.append(scope)
        }
        self.scopes = Scopes(scopes)
    }

    static var allValueStrings: [String] { Scope.allCases.map(\.rawValue) }
}
