import MartletCore

/// Where a payload on the command line comes from: the text itself, `@file`, or `-` for standard input.
enum PayloadSource {
    static func read(_ argument: String, of option: String) throws -> Payload {
        let bytes: [UInt8]
        if argument == "-" {
            bytes = try LineSource(.standardInput).readAll(atMost: Limits.payloadBytes * 2)
        } else if argument.hasPrefix("@") {
            bytes = try LineSource(.file(String(argument.dropFirst()))).readAll(atMost: Limits.payloadBytes * 2)
        } else {
            bytes = Array(argument.utf8)
        }
        do throws(JSONError) {
            return try Payload(json: bytes)
        } catch {
            throw CommandFailure(.usage, "\(option) is not JSON: \(error)")
        }
    }
}
