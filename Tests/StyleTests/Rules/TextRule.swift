/// What no committed text holds: promises for later, and paths of somebody's machine.
enum TextRule {
    // Put together from parts, or this file would break its own rule.
    private static let promises = ["TO" + "DO", "FIX" + "ME", "X" + "XX", "HA" + "CK"]
    private static let machinePaths = ["work", "opt", "tmp", "home", "root", "Users"].map { "/" + $0 + "/" }

    static func check(_ file: SourceFile) -> [Violation] {
        let kept = promises.flatMap { word in
            file.offsets(of: word, in: file.raw).map { Violation(file, line: file.line(at: $0), "\(word): do it, or open an issue") }
        }
        let paths = machinePaths.flatMap { path in
            file.offsets(of: path, in: file.raw)
                // Inside a longer path, or an address, it is not the root of a machine.
                .filter { $0 == 0 || !(file.raw[$0 - 1].isWord || "./}~)".utf8.contains(file.raw[$0 - 1])) }
                .map { Violation(file, line: file.line(at: $0), "\(path) is a path of one machine") }
        }
        return kept + paths
    }
}
