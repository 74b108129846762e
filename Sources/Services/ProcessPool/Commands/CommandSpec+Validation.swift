extension CommandSpec {
    /// Everything that is wrong with this command by itself; empty where it can be run. Whether the program exists is not asked here:
    /// it may be installed later.
    public var faults: [CommandFault] {
        argumentFaults + limitFaults + variableFaults
    }

    private var argumentFaults: [CommandFault] {
        guard let program = arguments.first, !program.isEmpty else {
            return [CommandFault(field: "run", reason: "must name a program")]
        }
        var faults: [CommandFault] = []
        for (index, argument) in arguments.enumerated() {
            if argument.utf8.contains(0) { faults.append(CommandFault(field: "run.\(index)", reason: "must not hold a NUL character")) }
            do throws(CommandFault) {
                let template = try ArgumentTemplate(argument, index: index)
                if index == 0, !template.isConstant {
                    faults.append(CommandFault(field: "run.0", reason: "the program itself must not come from a job: write its name"))
                }
            } catch {
                faults.append(error)
            }
        }
        if !workingDirectory.hasPrefix("/") {
            faults.append(CommandFault(field: "working_directory", reason: "must be an absolute path"))
        }
        return faults
    }

    private var limitFaults: [CommandFault] {
        var faults: [CommandFault] = []
        if let timeout, timeout <= .zero { faults.append(CommandFault(field: "timeout", reason: "must be longer than zero")) }
        if grace < .zero { faults.append(CommandFault(field: "grace", reason: "must not be negative")) }
        let least = [
            ("max_attempts", maxAttempts, 1), ("memory", memoryLimitBytes ?? 1 << 20, 1 << 20), ("cpu", cpuLimitSeconds ?? 1, 1),
            ("output_bytes", outputBytesMax, 0), ("line_bytes", lineBytesMax, 64),
        ]
        for (field, value, least) in least where value < least {
            faults.append(CommandFault(field: field, reason: "must be at least \(least)"))
        }
        for code in exitCodes.classes.keys.sorted() where !(0...255).contains(code) {
            faults.append(CommandFault(field: "exit_codes.\(code)", reason: "an exit code is from 0 to 255"))
        }
        return faults
    }

    private var variableFaults: [CommandFault] {
        var faults: [CommandFault] = []
        for name in inheritedVariables + variables.keys.sorted() where !Self.isVariableName(name) {
            faults.append(CommandFault(field: "env.\(name)", reason: "a name is of letters, digits and '_', and does not begin with a digit"))
        }
        for (name, value) in variables where value.utf8.contains(0) {
            faults.append(CommandFault(field: "env.\(name)", reason: "must not hold a NUL character"))
        }
        return faults
    }

    /// IEEE Std 1003.1-2017, base definitions, section 8.1.
    private static func isVariableName(_ name: String) -> Bool {
        guard let first = name.utf8.first, !(48...57).contains(first) else { return false }
        return name.utf8.allSatisfy { (48...57).contains($0) || (65...90).contains($0) || (97...122).contains($0) || $0 == 95 }
    }
}
