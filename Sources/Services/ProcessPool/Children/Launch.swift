import MartletCore

/// Everything that is settled about an attempt before its process exists.
struct Launch: Sendable {
    /// The program as the configuration calls it, for messages.
    var program: String
    /// The file to execute.
    var file: String
    /// What it gets, its own name first.
    var arguments: [String]
    var variables: [String: String]

    /// - Throws: why the command cannot be run for this job, however often it is tried.
    init(_ spec: CommandSpec, _ run: CommandRun, server: (String) -> String?) throws(ProgramFault) {
        if let fault = spec.faults.first { throw ProgramFault(failure: .badCommand(fault)) }
        variables = CleanEnvironment.make(spec, run, server: server)
        program = spec.arguments[0]
        do throws(CommandFault) {
            arguments = try ArgumentExpansion.expand(spec.arguments, with: run)
        } catch {
            throw ProgramFault(failure: .badCommand(error))
        }
        let path = variables["PATH"] ?? CleanEnvironment.defaultPath
        file = try ProgramFinder.find(program, path: path, folder: spec.workingDirectory).get()
        let wrapped = ResourceLimits.wrap([file] + arguments.dropFirst(), spec)
        if wrapped.count > arguments.count {
            arguments = wrapped
            file = wrapped[0]
        }
    }
}
