import ArgumentParser
import MartletCore

extension JobID: ExpressibleByArgument {
    public init?(argument: String) { self.init(argument) }
}
