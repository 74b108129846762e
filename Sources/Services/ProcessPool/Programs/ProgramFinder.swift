import Glibc
import MartletCore

/// Finds the file behind a program's name before anything is started. The library would search too, but it cannot tell a missing program
/// from one that may not be executed, and the person who has to mend it should know which.
enum ProgramFinder {
    /// The absolute path of the program.
    /// - Parameters:
    ///   - path: folders separated by `:`; only absolute ones are searched.
    ///   - folder: where a name with a `/` in it is looked up from.
    static func find(_ program: String, path: String, folder: String) -> Result<String, ProgramFault> {
        guard !program.utf8.contains(UInt8(ascii: "/")) else {
            let file = program.hasPrefix("/") ? program : folder + "/" + program
            return fault(of: file).map { .failure(ProgramFault(failure: failure($0, program))) } ?? .success(file)
        }
        var nearest: Fault?
        for folder in path.split(separator: ":") where folder.hasPrefix("/") {
            let file = folder + "/" + program
            guard let fault = fault(of: file) else { return .success(file) }
            if fault != .missing { nearest = fault }
        }
        return .failure(ProgramFault(failure: failure(nearest ?? .missing, program)))
    }

    private enum Fault { case missing, folder, mode }

    private static func fault(of file: String) -> Fault? {
        var status = stat()
        guard stat(file, &status) == 0 else { return errno == EACCES ? .mode : .missing }
        guard status.st_mode & S_IFMT != S_IFDIR else { return .folder }
        return access(file, X_OK) == 0 ? nil : .mode
    }

    private static func failure(_ fault: Fault, _ program: String) -> Failure {
        switch fault {
        case .missing: .notFound(program)
        case .folder: .notExecutable(program, "it is a folder")
        case .mode: .notExecutable(program, "the server's user may not execute it; chmod +x, or name its interpreter first")
        }
    }
}
