/// How the jobs of one kind are run by an executable: one entry of `commands:` in `martlet.yaml`.
public struct CommandSpec: Sendable, Hashable {
    /// The kind of job that this command runs.
    public var kind: String
    /// The program and its arguments. Each element is one argument, never a shell's word; all but the first may hold placeholders
    /// (see `ArgumentTemplate`).
    public var arguments: [String]
    /// The queue its jobs go to where they name none.
    public var queue = "default"
    /// How long one attempt may run; `nil` leaves that to whoever runs the job.
    public var timeout: Duration?
    /// 1…1000; for jobs that do not say.
    public var maxAttempts = 20
    /// Where the program starts: an absolute path, the folder of `martlet.yaml`. A program with a `/` in its name is looked up from here.
    public var workingDirectory: String
    /// Variables passed on from the server's own environment, besides `CleanEnvironment.always`.
    public var inheritedVariables: [String] = []
    /// Variables set for this command; they go before inherited ones. The job's facts (`MARTLET_…`) go before these.
    public var variables: [String: String] = [:]
    /// Address space of each process of the command (`RLIMIT_AS`), in bytes.
    public var memoryLimitBytes: Int?
    /// Processor time of each process of the command (`RLIMIT_CPU`), in seconds. At the limit it gets SIGXCPU, `grace` later SIGKILL.
    public var cpuLimitSeconds: Int?
    /// What one attempt may write to its output and its log together; what is beyond is read and thrown away.
    public var outputBytesMax = 1 << 20
    /// A longer line is cut and marked.
    public var lineBytesMax = 16 << 10
    /// How long the program may take to end after SIGTERM, before SIGKILL.
    public var grace: Duration = .seconds(5)
    public var exitCodes = ExitCodes()

    public init(kind: String, arguments: [String], workingDirectory: String) {
        self.kind = kind
        self.arguments = arguments
        self.workingDirectory = workingDirectory
    }
}
