import Glibc
import MartletCore
import Subprocess
import Synchronization
import SystemPackage

/// Ends the commands of a server that died without ending them: another node runs their jobs again as soon as the lease is over, and then
/// two processes would write the same file.
///
/// One small process per pool, a shell that waits on a socket whose other end this process holds and never writes to. However this process
/// dies, the kernel closes the socket; the guard wakes, looks through /proc for processes that carry this pool's mark in their environment,
/// and kills them and their groups, until it finds none.
///
/// Why not `PR_SET_PDEATHSIG`: it has to be set between fork and exec, where the library has no hook, or by one more exec per command; it
/// reaches the direct child only, not what that child started; and it fires when the *thread* that forked ends. The mark costs a
/// running command nothing, is inherited by whatever it starts, also into new sessions, and there is no moment after the start of a
/// command at which the guard does not know of it. It misses what empties its environment and leaves its group.
final class OrphanGuard: Sendable {
    /// The variable that holds the mark.
    static let variable = "MARTLET_POOL"

    /// Waits for the end of its input; then finds and kills. SIGTERM, SIGINT and SIGHUP go to whole services and terminals, and it must
    /// outlive the server that they end. `$1` is what to look for.
    private static let script = """
        trap '' HUP INT TERM
        command -v grep >/dev/null || exit 69
        while read -r _; do :; done
        rounds=0
        while [ "$rounds" -lt 100 ]; do
            found=
            for file in $(grep -lsF -e "$1" /proc/[0-9]*/environ); do
                number=${file#/proc/}
                number=${number%/environ}
                kill -s KILL -- "-$number" 2>/dev/null
                kill -s KILL "$number" 2>/dev/null && found=1
            done
            [ -n "$found" ] || exit 0
            rounds=$((rounds + 1))
            [ "$rounds" -lt 10 ] || sleep 0.1
        done
        """

    private struct State {
        /// What keeps the guard asleep while it is open.
        var lifeline: CInt?
        /// Why there is no guard, from when a start failed until one succeeds.
        var fault: String?
        /// Whether the first start has succeeded or failed.
        var isSettled = false
        var isReleased = false
        var waiters: [CheckedContinuation<Void, Never>] = []
    }

    /// Drawn anew for every pool.
    let mark: String
    private let clock: any EngineClock
    private let state = Mutex(State())

    init(_ environment: MartletCore.Environment) {
        mark = [environment.random.next(), environment.random.next()].map { String($0, radix: 16) }.joined(separator: "-")
        clock = environment.clock
    }

    /// Why no command may be started now; waits for the first start of the guard.
    func fault() async -> String? {
        await withCheckedContinuation { waiter in
            let isSettled = state.withLock { state in
                if !state.isSettled { state.waiters.append(waiter) }
                return state.isSettled
            }
            if isSettled { waiter.resume() }
        }
        return state.withLock { $0.fault }
    }

    /// Has a guard running until `release()`; one that is lost is replaced.
    func keep() async {
        while !state.withLock({ $0.isReleased }) {
            let start = clock.uptime()
            await watch()
            guard clock.uptime() - start < .seconds(1), !state.withLock({ $0.isReleased }) else { continue }
            do {
                try await clock.sleep(for: .seconds(1))
            } catch {
                break
            }
        }
    }

    /// Lets the guard go: it ends whatever is left of the commands, then itself.
    func release() {
        state.withLock { $0.isReleased = true }
        cut()
    }

    /// What the death of this process does.
    func cut() {
        let lifeline = state.withLock { state in
            defer { state.lifeline = nil }
            return state.lifeline
        }
        if let lifeline { close(lifeline) }
    }

    /// One guard, from its start to its end.
    private func watch() async {
        var ends: [CInt] = [-1, -1]
        // Sockets and not a pipe, for these are closed on exec from the first moment: a copy of the far end anywhere would keep the guard asleep.
        guard socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue), 0, &ends) == 0 else {
            return settle(fault: "no descriptor for it: \(Errno(rawValue: errno))")
        }
        let (input, lifeline) = (ends[0], ends[1])
        defer { close(input) }
        state.withLock { $0.lifeline = lifeline }
        var options = PlatformOptions()
        options.createSession = true
        // A cancelled pool still has commands to end, so the guard stays until it is released.
        options.teardownSequence = Patience.steps
        do {
            let outcome = try await Subprocess.run(
                .path("/bin/sh"),
                arguments: ["-c", Self.script, "orphan-guard", "\(Self.variable)=\(mark)"],
                environment: .custom(["PATH": CleanEnvironment.defaultPath]),
                workingDirectory: "/",
                platformOptions: options,
                input: .fileDescriptor(FileDescriptor(rawValue: input), closeAfterSpawningProcess: false),
                output: .discarded,
                error: .discarded
            ) { _ in
                settle(fault: nil)
            }
            if case .exited(69) = outcome.terminationStatus { settle(fault: "grep is not installed") }
        } catch {
            settle(fault: "/bin/sh could not be started")
        }
        cut()
    }

    private func settle(fault: String?) {
        let waiters = state.withLock { state in
            state.fault = fault
            state.isSettled = true
            defer { state.waiters = [] }
            return state.waiters
        }
        for waiter in waiters { waiter.resume() }
    }
}
