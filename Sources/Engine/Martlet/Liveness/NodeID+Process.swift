import Glibc
import Synchronization

extension NodeID {
    /// A name for one more engine in this process: `host/boot/pid/start/number`. Boot and start make it this incarnation's alone, so that
    /// another process of the same machine can tell that it is gone.
    public static var thisProcess: NodeID {
        let number = engineNumber.wrappingAdd(1, ordering: .relaxed).newValue
        return NodeID("\(hostName)/\(bootName)/\(getpid())/\(startTicks(of: getpid()) ?? "0")/\(number)")
    }

    /// Whether this node was a process of this machine that is no longer there. `false` where that cannot be told from here.
    var isGone: Bool {
        let parts = name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 5, parts[0] == hostName, let pid = Int32(parts[2]) else { return false }
        // Same host, another boot or another process namespace: only a reboot can be told apart, and only by the boot's id.
        guard parts[1] == bootName else { return false }
        return startTicks(of: pid) != parts[3]
    }
}

private let engineNumber = Atomic(0)

private let hostName: String = {
    var buffer = [CChar](repeating: 0, count: 256)
    guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
    return String(decoding: buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self).replacing("/", with: "-")
}()

/// The machine's boot and this process's pid namespace: process numbers mean something only within both.
private let bootName: String = {
    let boot = readText("/proc/sys/kernel/random/boot_id").prefix(8)
    var buffer = [CChar](repeating: 0, count: 64)
    let count = readlink("/proc/self/ns/pid", &buffer, buffer.count)
    let digits = buffer.prefix(max(0, count)).filter { $0 >= 48 && $0 <= 57 }.map { UInt8(bitPattern: $0) }
    return "\(boot)-\(String(decoding: digits, as: UTF8.self))"
}()

/// Field 22 of proc(5)'s stat: when the process started, in clock ticks since boot. `nil` where there is no such process, or only its
/// zombie, which runs nothing.
private func startTicks(of pid: Int32) -> String? {
    let text = readText("/proc/\(pid)/stat")
    // The second field is the program's name in parentheses and may hold anything; the fields after it do not.
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ")
    guard fields.count > 19, fields[0] != "Z", fields[0] != "X" else { return nil }
    return String(fields[19])
}

private func readText(_ path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var buffer = [UInt8](repeating: 0, count: 4096)
    let count = read(descriptor, &buffer, buffer.count)
    return String(decoding: buffer.prefix(max(0, count)).prefix { $0 != 10 }, as: UTF8.self)
}
