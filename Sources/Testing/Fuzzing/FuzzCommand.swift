import Glibc

/// Hands what libFuzzer makes up (https://llvm.org/docs/LibFuzzer.html) to the reader that `MARTLET_FUZZ_SUBJECT` names.
@main
enum FuzzCommand {
    private static let subject: FuzzSubject = {
        guard let name = getenv("MARTLET_FUZZ_SUBJECT"), let subject = FuzzSubject(rawValue: String(cString: name)) else {
            preconditionFailure("MARTLET_FUZZ_SUBJECT must be one of \(FuzzSubject.allCases.map(\.rawValue))")
        }
        return subject
    }()

    static func main() {
        var count = CommandLine.argc
        var arguments = CommandLine.unsafeArgv
        exit(
            runDriver(&count, &arguments) { start, size in
                subject.read(Array(UnsafeBufferPointer(start: start, count: size)))
                return 0
            })
    }
}

@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
    _ count: UnsafeMutablePointer<CInt>, _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
    _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt
