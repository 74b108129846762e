import Glibc
import MartletCore

/// Sets a command's memory and processor limits.
///
/// A limit has to stand before the program's first instruction, or a child it starts at once escapes it, so `prlimit` on a process that
/// already runs comes too late; and between fork and exec no Swift may run, nor does the library offer a hook there on Linux. So a
/// command with limits starts as `sh`, which lowers its own limits and then *becomes* the program with `exec`: still one process,
/// and the arguments pass through as `"$@"`, which the shell does not look into. Commands without limits start directly.
enum ResourceLimits {
    /// The arguments that run `arguments` under the limits of `spec`; `arguments` itself where it has none.
    /// - Parameter arguments: the program by its absolute path, and what it gets.
    static func wrap(_ arguments: [String], _ spec: CommandSpec) -> [String] {
        var words: [String] = []
        if let bytes = spec.memoryLimitBytes {
            words.append("ulimit -v \(lowered(UInt64(bytes), RLIMIT_AS) / 1024)")
        }
        if let seconds = spec.cpuLimitSeconds {
            // The hard limit stands later than the soft one, so that SIGXCPU comes first and says why; and is set later, for it may not be
            // below the soft one.
            let hard = seconds + max(1, Int(spec.grace.inSeconds.rounded(.up)))
            words.append("ulimit -S -t \(lowered(UInt64(seconds), RLIMIT_CPU))")
            words.append("ulimit -H -t \(lowered(UInt64(hard), RLIMIT_CPU))")
        }
        guard !words.isEmpty else { return arguments }
        return ["/bin/sh", "-c", words.joined(separator: " && ") + " && exec \"$@\"", "limits"] + arguments
    }

    /// Not above what this process itself is held to: nobody but root can raise that, and a shell that fails looks like a program that fails.
    private static func lowered(_ limit: UInt64, _ resource: __rlimit_resource) -> UInt64 {
        var own = rlimit()
        guard getrlimit(__rlimit_resource_t(resource.rawValue), &own) == 0 else { return limit }
        return min(limit, UInt64(own.rlim_max))
    }
}
