import ArgumentParser

/// A duration on the command line: a number of seconds, or ISO 8601.
struct DurationArgument: ExpressibleByArgument, Sendable {
    let duration: Duration

    init(_ duration: Duration) { self.duration = duration }

    var defaultValueDescription: String { Wording.duration(duration) }

    init?(argument: String) {
        guard let duration = Duration(setting: argument) else { return nil }
        self.duration = duration
    }
}
