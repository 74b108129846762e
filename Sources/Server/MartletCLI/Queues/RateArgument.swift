import ArgumentParser
import MartletCore

/// A rate on the command line: `COUNT/SECONDS`, `COUNT/PT1M`, or `none`.
struct RateArgument: ExpressibleByArgument, Sendable {
    let rate: Rate?

    init?(argument: String) {
        if argument == "none" {
            rate = nil
            return
        }
        let parts = argument.split(separator: "/", maxSplits: 1).map(String.init)
        guard parts.count == 2, let count = Int(parts[0]), let per = Duration(setting: parts[1]) else { return nil }
        rate = Rate(count: count, per: per)
    }
}
