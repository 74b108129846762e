/// What an empty page tells people to try.
struct ExampleCommand {
    /// The server's host and port as this reader reaches it.
    let authority: String

    private var json: String { "-H 'content-type: application/json'" }

    func enqueue(queue: String? = nil) -> String {
        let name = queue.map { Self.isPlain($0) ? $0 : "default" }
        let lane = name.map { #", "queue": "\#($0)""# } ?? ""
        return #"curl http://\#(authority)/v1/jobs \#(json) -d '{"kind": "hello", "payload": {}\#(lane)}'"#
    }

    var putTrigger: String {
        "curl -X PUT http://\(authority)/v1/triggers/morning \(json) "
            + #"-d '{"cron": "0 3 * * *", "zone": "Europe/Berlin", "job": {"kind": "hello", "payload": {}}}'"#
    }

    /// A name that a shell and JSON take as it is: commands get copied.
    private static func isPlain(_ name: String) -> Bool {
        name.utf8.allSatisfy { ($0 >= 97 && $0 <= 122) || ($0 >= 65 && $0 <= 90) || ($0 >= 48 && $0 <= 57) || $0 == 45 || $0 == 95 || $0 == 46 }
    }
}
