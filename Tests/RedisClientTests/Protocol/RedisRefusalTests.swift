import Testing

@testable import RedisStore

@Suite struct RedisRefusalTests {
    @Test(arguments: [
        ("READONLY You can't write against a read only replica.", RedisRefusal.Kind.readOnly),
        ("LOADING Redis is loading the dataset in memory", .loading),
        ("BUSY Redis is busy running a script.", .busy), ("OOM command not allowed when used memory > 'maxmemory'.", .outOfMemory),
        ("NOAUTH Authentication required.", .denied), ("WRONGPASS invalid username-password pair", .denied), ("NOPERM this user has no", .denied),
        ("NOSCRIPT No matching script.", .noFunction), ("ERR Function not found", .noFunction), ("MASTERDOWN Link with MASTER is down", .masterDown),
        ("MISCONF Redis is configured to save", .misconfigured), ("NOREPLICAS Not enough good replicas to write.", .noReplicas),
        ("MOVED 3999 127.0.0.1:6381", .moved(slot: 3999, to: RedisEndpoint(host: "127.0.0.1", port: 6381))),
        ("MOVED 1 :6381", .moved(slot: 1, to: RedisEndpoint(host: "", port: 6381))),
        ("ASK 5 fe80::1:6381", .ask(slot: 5, at: RedisEndpoint(host: "fe80::1", port: 6381))), ("MOVED 16384 h:1", .other), ("MOVED 1 h", .other),
        ("ASK x h:1", .other), ("MOVED 1 h:70000", .other), ("TRYAGAIN Multiple keys request", .tryAgain),
        ("CLUSTERDOWN Hash slot not served", .clusterDown),
        ("CROSSSLOT Keys in request", .crossSlot), ("UNBLOCKED force unblock", .unblocked), ("ERR syntax error", .other), ("", .other),
        ("ERR unknown command 'x'", .unknownCommand),
    ])
    func `errors are told apart`(reply: String, kind: RedisRefusal.Kind) {
        #expect(RedisRefusal(reply: reply).kind == kind)
    }

    @Test(arguments: [
        "ERR unknown command 'secret', with args beginning with: 'secret' ", "ERR unknown command `secret`, with args beginning with: `secret`",
        "ERR invalid value \"secret\"", "ERR Syntax error in 'secret'",
    ])
    func `arguments are not repeated`(reply: String) {
        let refusal = RedisRefusal(reply: reply)
        #expect(!refusal.description.contains("secret") && !RedisError.refused(refusal).description.contains("secret"))
        #expect(!"\(RESPValue.refusal(refusal))".contains("secret"))
    }

    @Test func `a long text is cut`() {
        #expect(RedisRefusal(reply: "ERR " + String(repeating: "x", count: 10_000)).message.count == 200)
        #expect(RedisRefusal(reply: String(repeating: "x", count: 10_000)).code.count == 40)
    }
}
