import Glibc
import MartletCore
import ProcessPool

/// What of the machine matters to the engine.
struct MachineChecks {
    let configuration: Configuration
    let clock: any EngineClock

    /// Writes stop when the disk is full; below this there is little time left to notice.
    private static let freeBytesLow = 1 << 30
    private static let freeBytesMin = 100 << 20

    func run() -> [Finding] { disk() + [time(), zones(), port()] + programs() }

    /// Where the store is a file.
    private func disk() -> [Finding] { configuration.store.path.map { [disk(of: FilePaths.folder(of: $0))] } ?? [] }

    private func disk(of folder: String) -> Finding {
        var facts = statvfs()
        guard statvfs(folder, &facts) == 0 else {
            return .fail("disk", "\(folder) cannot be looked at: \(String(cString: strerror(errno)))", do: "make the folder, or name another store")
        }
        guard access(folder, W_OK) == 0 else {
            return .fail("disk", "\(folder) cannot be written by this user", do: "SQLite needs to write the folder too: change its owner or mode")
        }
        let free = Int(facts.f_bavail) * Int(facts.f_frsize)
        let detail = "\(Wording.bytes(free)) free in \(folder)"
        if free < Self.freeBytesMin { return .fail("disk", detail, do: "free some space: writes fail when none is left") }
        if free < Self.freeBytesLow { return .warn("disk", detail, do: "free some space before writes fail") }
        return .ok("disk", detail)
    }

    private func time() -> Finding {
        let now = clock.now()
        guard now > Timestamp(seconds: 1_735_689_600) else {
            return .fail("clock", "this machine thinks it is \(now)", do: "set the clock: jobs would be due at the wrong time")
        }
        return .ok("clock", "\(now)")
    }

    private func zones() -> Finding {
        do throws(ZoneError) {
            // Two zones that have changed their clocks for a century: data that knows them knows the others.
            for name in ["Europe/Berlin", "America/New_York"] { _ = try ZoneRules(name) }
            return .ok("time zones", "known")
        } catch {
            return .fail("time zones", "\(error)", do: "use a Swift runtime with its ICU data: cron in a zone cannot work without")
        }
    }

    private func port() -> Finding {
        let address = configuration.listen
        guard address.host == "127.0.0.1" || address.host == "localhost" else { return .ok("port", "\(address), not looked at") }
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        guard descriptor >= 0 else { return .warn("port", "no socket: \(String(cString: strerror(errno)))", do: "close some files") }
        defer { close(descriptor) }
        var reuse: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &reuse, socklen_t(MemoryLayout<Int32>.size))
        var name = sockaddr_in()
        name.sin_family = sa_family_t(AF_INET)
        name.sin_port = in_port_t(address.port).bigEndian
        name.sin_addr.s_addr = in_addr_t(0x7F00_0001).bigEndian
        let result = withUnsafePointer(to: &name) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
        if result == 0 { return .ok("port", "\(address) is free") }
        if errno == EADDRINUSE { return .ok("port", "\(address) is in use, as it is where a server runs") }
        return .warn("port", "\(address): \(String(cString: strerror(errno)))", do: "choose another with listen")
    }

    private func programs() -> [Finding] {
        configuration.commands.sorted { $0.key < $1.key }.map { kind, command in
            let program = command.spec.arguments.first ?? ""
            if let path = find(program, from: command.spec.workingDirectory) { return .ok("command \(kind)", path) }
            return .fail("command \(kind)", "'\(program)' is not there, or may not be executed", do: "install it, or mend commands.\(kind).run")
        }
    }

    private func find(_ program: String, from folder: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let candidates =
            program.contains("/") ? [FilePaths.absolute(program, in: folder)] : path.split(separator: ":").map { "\($0)/\(program)" }
        return candidates.first { access($0, X_OK) == 0 }
    }
}
