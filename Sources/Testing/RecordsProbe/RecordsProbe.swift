import Glibc

/// One process of a test that has several. It says `ready`, waits for a line, and then does its work; see the parts.
@main
struct RecordsProbe {
    struct Usage: Error, CustomStringConvertible {
        var description: String { "usage: records-probe cache|blob ARGUMENTS" }
    }

    static func main() async throws {
        let arguments = Array(CommandLine.arguments.dropFirst(2))
        switch CommandLine.arguments.dropFirst().first {
        case "cache": try await CacheProbe.run(arguments)
        case "blob": try await BlobProbe.run(arguments)
        default: throw Usage()
        }
    }

    static func say(_ text: String) {
        let line = text + "\n"
        _ = write(STDOUT_FILENO, line, line.utf8.count)
    }
}
