/// What a program's exit codes mean.
public struct ExitCodes: Sendable, Hashable {
    public enum Meaning: String, Sendable, Hashable, CaseIterable {
        case succeeded
        /// Trying again may help.
        case transient
        /// Trying again does not help.
        case permanent
    }

    /// `EX_TEMPFAIL` of sysexits.h.
    public static let temporaryFailure = 75

    public var classes: [Int: Meaning]
    /// The meaning of a code that is not in `classes`.
    public var otherwise: Meaning

    /// 0 succeeds, 75 is transient, and so is every other code unless it is listed.
    public init(_ classes: [Int: Meaning] = [:], otherwise: Meaning = .transient) {
        self.classes = [0: .succeeded, Self.temporaryFailure: .transient].merging(classes) { $1 }
        self.otherwise = otherwise
    }

    public subscript(code: Int) -> Meaning { classes[code] ?? otherwise }
}
