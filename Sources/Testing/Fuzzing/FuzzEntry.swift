import Glibc

/// What libFuzzer calls for each input (https://llvm.org/docs/LibFuzzer.html). `MARTLET_FUZZ_SUBJECT` names the reader under test.
enum FuzzEntry {
    static let subject: FuzzSubject = {
        guard let name = getenv("MARTLET_FUZZ_SUBJECT"), let subject = FuzzSubject(rawValue: String(cString: name)) else {
            preconditionFailure("MARTLET_FUZZ_SUBJECT must be one of \(FuzzSubject.allCases.map(\.rawValue))")
        }
        return subject
    }()
}

@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    FuzzEntry.subject.read(Array(UnsafeBufferPointer(start: start, count: size)))
    return 0
}
