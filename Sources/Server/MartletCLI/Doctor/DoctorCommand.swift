import ArgumentParser
import MartletCore

/// `martlet doctor`.
struct DoctorCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Look for what is wrong, or soon will be, and say what to do.",
        discussion: "Reads the whole database file once. The exit code is 1 where something has failed, 2 where the configuration is wrong.")

    @OptionGroup var output: OutputOptions
    @OptionGroup var storeOptions: StoreOptions

    func run() async throws {
        let terminal = Terminal.standard
        let configuration: Configuration
        do {
            configuration = try storeOptions.configuration()
        } catch let error as ConfigurationError {
            for fault in error.faults { show(.fail("configuration", "\(fault)", do: "mend it: nothing starts until then"), terminal) }
            throw CommandFailure(.usage, "")
        }
        let environment = MartletCore.Environment.system
        var findings: [Finding] = [.ok("configuration", configuration.file ?? "none, so everything has its default")]
        findings += MachineChecks(configuration: configuration, clock: environment.clock).run()
        findings += await StoreChecks(configuration: configuration, environment: environment).run()
        findings += await DatabaseChecks(configuration: configuration, environment: environment).run()
        for finding in findings { show(finding, terminal) }
        if findings.contains(where: { $0.level == .fail }) { throw CommandFailure(.failed, "") }
    }

    private func show(_ finding: Finding, _ terminal: Terminal) {
        if output.json {
            terminal.say(finding.json.description)
            return
        }
        let mark =
            switch finding.level {
            case .ok: terminal.style("ok  ", .green)
            case .warn: terminal.style("warn", .yellow)
            case .fail: terminal.style("FAIL", .red)
            }
        terminal.say("\(mark)  \(finding.subject): \(finding.detail)")
        if let advice = finding.advice { terminal.say("        \(advice)") }
    }
}
