import Glibc

/// This process.
enum Process {
    /// Ends it at once, without waiting for anything.
    static func exit(_ code: Int32) -> Never { Glibc.exit(code) }

    static var id: Int32 { getpid() }

    /// The name of the user it runs as, or the number where the system has no name.
    static var user: String { getpwuid(getuid()).map { String(cString: $0.pointee.pw_name) } ?? "\(getuid())" }

    /// How this program was called, for commands that a user can paste: the path where it was called by one, else the name.
    static var invocation: String {
        let name = CommandLine.arguments.first ?? "martlet"
        return name.contains("/") ? name : "martlet"
    }

    static var processors: Int { max(1, sysconf(Int32(_SC_NPROCESSORS_ONLN))) }
}
