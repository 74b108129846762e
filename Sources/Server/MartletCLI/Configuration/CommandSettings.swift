import Martlet
import MartletHTTP
import ProcessPool

/// A member of `commands:`: an executable that is a job kind.
struct CommandSettings: Sendable, Hashable {
    var spec: CommandSpec
    var priority: Priority?
    var retry: RetryPolicy?

    static let known = [
        "run", "queue", "priority", "timeout", "max_attempts", "env", "inherit", "exit_codes", "otherwise", "retry", "grace", "memory", "cpu",
        "output_bytes", "line_bytes",
    ]

    init(spec: CommandSpec) {
        self.spec = spec
    }

    /// `nil` where there is nothing to run.
    /// - Parameter folder: the working directory of the command.
    init?(_ kind: String, _ section: ConfigurationSection, folder: String) {
        guard let arguments = section.required("run", section.list("run")) else { return nil }
        spec = CommandSpec(kind: kind, arguments: arguments, workingDirectory: folder)
        if let queue = section.text("queue") { spec.queue = queue }
        if spec.queue.isEmpty { section.fail("queue", "must not be empty") }
        priority = section.priority("priority")
        spec.timeout = section.span("timeout", above: .zero)
        if let attempts = section.integer("max_attempts", 1...Limits.attempts) { spec.maxAttempts = attempts }
        if let variables = section.texts("env") { spec.variables = variables }
        if let names = section.list("inherit") { spec.inheritedVariables = names }
        spec.exitCodes = Self.exitCodes(section)
        retry = section.retryPolicy("retry")
        if let grace = section.span("grace", upTo: .seconds(3600)) { spec.grace = grace }
        spec.memoryLimitBytes = section.bytes("memory", least: 1 << 20)
        spec.cpuLimitSeconds = section.integer("cpu", 1...1_000_000)
        if let bytes = section.bytes("output_bytes", least: 0) { spec.outputBytesMax = bytes }
        if let bytes = section.bytes("line_bytes", least: 64) { spec.lineBytesMax = bytes }
        for fault in spec.faults { section.fail(fault.field, fault.reason) }
    }

    /// What jobs of this kind get that do not say it themselves. The timeout is not among them: it belongs to the kind, and a later
    /// configuration with another one reaches the jobs that wait already.
    var defaults: KindDefaults {
        KindDefaults(queue: spec.queue, priority: priority, maxAttempts: spec.maxAttempts)
    }

    private static func exitCodes(_ section: ConfigurationSection) -> ExitCodes {
        var codes: [Int: ExitCodes.Meaning] = [:]
        let meanings = section.section("exit_codes", known: nil)
        for name in meanings.names {
            guard let code = Int(name), (0...255).contains(code) else {
                meanings.fail(name, "must be an exit code from 0 to 255")
                continue
            }
            codes[code] = meanings.choice(name, ExitCodes.Meaning.self)
        }
        return ExitCodes(codes, otherwise: section.choice("otherwise", ExitCodes.Meaning.self) ?? .transient)
    }
}

extension ConfigurationSection {
    /// A number of bytes, or one with a unit: `512MiB`, `2GiB`, `64KiB`.
    fileprivate func bytes(_ key: String, least: Int) -> Int? {
        guard let text = text(key) else { return nil }
        var (digits, unit) = (text, 1)
        for (suffix, size) in [("KiB", 1 << 10), ("MiB", 1 << 20), ("GiB", 1 << 30)] where text.hasSuffix(suffix) {
            (digits, unit) = (String(text.dropLast(3)), size)
        }
        guard let number = Int(digits), number >= 0, number < Int.max / unit, number * unit >= least else {
            fail(key, "must be a number of bytes of at least \(least), or one with a unit such as 512MiB")
            return nil
        }
        return number * unit
    }
}
