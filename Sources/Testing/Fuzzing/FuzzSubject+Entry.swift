import Glibc

extension FuzzSubject {
    /// The reader under test, by `MARTLET_FUZZ_SUBJECT`.
    static let underTest: FuzzSubject = {
        guard let name = getenv("MARTLET_FUZZ_SUBJECT"), let subject = FuzzSubject(rawValue: String(cString: name)) else {
            preconditionFailure("MARTLET_FUZZ_SUBJECT must be one of \(allCases.map(\.rawValue))")
        }
        return subject
    }()
}

/// What libFuzzer calls for each input (https://llvm.org/docs/LibFuzzer.html).
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ start: UnsafePointer<UInt8>?, _ size: Int) -> CInt {
    FuzzSubject.underTest.read(Array(UnsafeBufferPointer(start: start, count: size)))
    return 0
}
