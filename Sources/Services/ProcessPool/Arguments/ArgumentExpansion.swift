import MartletCore

/// Puts a job into the arguments of a command.
///
/// A value that begins with `-` would be an option to most programs (`--output=/etc/passwd` where a file's name was expected), and jobs
/// come from people who are not trusted with that. So an argument that begins with a placeholder may not come out beginning with `-`,
/// unless an earlier argument is `--`, after which programs read no options. A prefix in the command (`file:{payload.video}`,
/// `./{payload.name}`, `--size={payload.size}`) avoids the question.
enum ArgumentExpansion {
    /// The arguments with every placeholder replaced.
    /// - Throws: the argument that cannot be made and why, never its value.
    static func expand(_ arguments: [String], with run: CommandRun) throws(CommandFault) -> [String] {
        var payload: JSON?
        var isAfterDashes = false
        var expanded: [String] = []
        expanded.reserveCapacity(arguments.count)
        for (index, argument) in arguments.enumerated() {
            let template = try ArgumentTemplate(argument, index: index)
            if template.isConstant {
                expanded.append(argument)
            } else {
                let json = payload ?? run.payload.json
                payload = json
                var text = ""
                for part in template.parts { text += try value(of: part, payload: json, run: run, index: index) }
                if template.beginsWithValue, text.hasPrefix("-"), !isAfterDashes {
                    throw CommandFault(
                        field: "run.\(index)",
                        reason: "the job's value begins with '-' and would be read as an option; give the argument a prefix, or '--' before it")
                }
                expanded.append(text)
            }
            if argument == "--" { isAfterDashes = true }
        }
        return expanded
    }

    private static func value(of part: ArgumentTemplate.Part, payload: JSON, run: CommandRun, index: Int) throws(CommandFault) -> String {
        switch part {
        case .text(let text): return text
        case .fact(let name): return run.facts.first { $0.name == name }?.value ?? ""
        case .payload(let path):
            let name = "payload." + path.joined(separator: ".")
            switch member(path, of: payload) {
            case .string(let text):
                guard !text.utf8.contains(0) else {
                    throw CommandFault(field: "run.\(index)", reason: "'\(name)' holds a NUL character, which no argument can")
                }
                return text
            case .number(let digits): return digits
            case .bool(let flag): return flag ? "true" : "false"
            case .array, .object:
                throw CommandFault(field: "run.\(index)", reason: "'\(name)' is an array or an object; an argument needs a text or a number")
            case .null, nil:
                throw CommandFault(field: "run.\(index)", reason: "'\(name)' is missing from the job's payload")
            }
        }
    }

    private static func member(_ path: [String], of payload: JSON) -> JSON? {
        var value = payload
        for name in path {
            if case .array(let elements) = value {
                guard let position = Int(name), elements.indices.contains(position) else { return nil }
                value = elements[position]
            } else {
                guard let next = value[name] else { return nil }
                value = next
            }
        }
        return value
    }
}
