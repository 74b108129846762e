import Testing

/// Something that code must not say, and what to say instead.
struct BannedCall: CustomTestStringConvertible {
    enum Place { case sources, tests, both }

    let text: String
    let instead: String
    var place = Place.sources
    /// Whether `x.text` is another thing, a method of somebody's own.
    var isFunction = false
    /// Paths, or beginnings of paths, that may say it all the same, and why.
    var allowed: [String: String] = [:]

    var testDescription: String { text }

    func check(_ file: SourceFile) -> [Violation] {
        switch place {
        case .sources: guard !file.isTest else { return [] }
        case .tests: guard file.isTest else { return [] }
        case .both: break
        }
        guard !allowed.keys.contains(where: { file.path.hasPrefix($0) }) else { return [] }
        return file.offsets(of: text, in: file.code)
            .filter { !isFunction || $0 == 0 || file.code[$0 - 1] != UInt8(ascii: ".") }
            .map { Violation(file, line: file.line(at: $0), "\(text) is not used here: \(instead)") }
    }

    private static let clock = ["Sources/Engine/MartletCore/Environment/SystemClock.swift": "the one file that reads the real world"]
    private static let time = "time comes from Environment.clock"
    private static let die = "randomness comes from Environment.random"

    static let all: [BannedCall] = [
        BannedCall(text: "Date()", instead: time),
        BannedCall(text: "Date.now", instead: time),
        BannedCall(text: "ContinuousClock", instead: time, allowed: clock),
        BannedCall(text: "SuspendingClock", instead: time),
        BannedCall(text: "DispatchTime.now", instead: time),
        BannedCall(text: "clock_gettime", instead: time, allowed: clock),
        BannedCall(text: "gettimeofday", instead: time),
        BannedCall(text: "Task.sleep", instead: time, place: .both, allowed: clock),
        BannedCall(text: "Thread.sleep", instead: time, place: .both),
        BannedCall(text: "usleep(", instead: time, place: .both),
        BannedCall(text: "Date(timeIntervalSinceNow", instead: time),
        BannedCall(text: "UUID()", instead: "ids come from Environment.makeJobID"),
        BannedCall(text: "SystemRandomNumberGenerator", instead: die, allowed: clock),
        BannedCall(text: ".random(", instead: die),
        BannedCall(text: ".randomElement(", instead: die),
        BannedCall(text: ".shuffled()", instead: die),
        BannedCall(text: ".shuffle()", instead: die),
        BannedCall(
            text: "print(", instead: "log, or write through the command line's own output", isFunction: true,
            allowed: ["Sources/Testing/SimulateCommand/Output.swift": "the output of a command"]),
        BannedCall(text: "debugPrint(", instead: "log, or write through the command line's own output", isFunction: true),
        BannedCall(
            text: "try?", instead: "an error is handled or passed on, never dropped",
            allowed: ["Sources/Testing/Fuzzing/": "whether a reader refuses bytes made by chance is of no interest, only that it lives"]),
        BannedCall(text: "try!", instead: "an error is handled or passed on"),
        BannedCall(text: "fatalError(", instead: "throw; a broken invariant is a precondition", isFunction: true),
        BannedCall(
            text: "Task {", instead: "child tasks live in a group", isFunction: true,
            allowed: ["Sources/Stores/PostgresStore/Chores/": "the chores of a store belong to no call, and end with it"]),
        BannedCall(text: "Task.detached", instead: "child tasks live in a group"),
        BannedCall(text: "Task.immediate", instead: "child tasks live in a group"),
        BannedCall(text: "@unchecked Sendable", instead: "use a Mutex or an actor", place: .both),
        BannedCall(text: "nonisolated(unsafe)", instead: "use a Mutex or an actor", place: .both),
        BannedCall(
            text: "DispatchQueue", instead: "concurrency is structured",
            allowed: ["Sources/Foundation/Database/": "blocking calls of a database have threads of their own"]),
    ]
}
