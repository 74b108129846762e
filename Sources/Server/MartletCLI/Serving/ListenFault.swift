import Glibc
import NIOCore

/// Why a server could not listen, in words that say what to do.
enum ListenFault {
    static func explain(_ error: any Error, at address: ListenAddress) -> any Error {
        guard let error = error as? IOError else { return error }
        switch error.errnoCode {
        case EADDRINUSE:
            return CommandFailure(.failed, "\(address) is in use: is another server running? Choose another address with --listen.")
        case EACCES:
            return CommandFailure(.failed, "this user may not listen on \(address): choose a port above 1023 with --listen.")
        case EADDRNOTAVAIL:
            return CommandFailure(.failed, "\(address) is no address of this machine: choose another with --listen.")
        default:
            return CommandFailure(.failed, "\(address) cannot be listened on: \(String(cString: strerror(error.errnoCode)))")
        }
    }
}
