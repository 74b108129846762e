import MartletCore

/// Steps as the functions take them: name, state, result.
enum StepCoding {
    static func add(_ steps: [NewStep], to writer: inout PackWriter) {
        writer.addArray(steps.count)
        for step in steps {
            writer.addArray(3)
            writer.add(step.name)
            writer.add(step.state == .done ? 2 : 1)
            writer.add(bytes: step.result.utf8)
        }
    }
}
