import NIOCore
import Testing

@testable import RedisStore

@Suite struct HandshakeTests {
    private static func words(_ commands: [RedisCommand]) throws -> [[String]] {
        var parser = RESPParser()
        for command in commands { parser.append(command.encoded) }
        return try commands.map { _ in try parser.next()?.elements?.compactMap(\.string) ?? [] }
    }

    private static func text(_ text: String) -> RESPValue { .bytes(ByteBuffer(string: text)) }
    private static let greeting = RESPValue.map([
        text("version"), text("7.0.15"), text("proto"), .integer(3), text("mode"), text("standalone"), text("role"), text("master"),
    ])
    private static let full = Handshake.Plan(
        credentials: RedisCredentials(user: "u", password: "p"), clientName: "n", database: 2, needsMaster: true)

    private static func progress(_ handshake: inout Handshake, _ replies: [RESPValue]) throws(RedisError) -> Handshake.Progress {
        var last = Handshake.Progress.pending
        for reply in replies { last = try handshake.receive(reply) }
        return last
    }

    @Test func `everything is said in one go`() throws {
        var handshake = Handshake(Self.full)
        #expect(try Self.words(handshake.begin()) == [["HELLO", "3", "AUTH", "u", "p", "SETNAME", "n"], ["SELECT", "2"], ["ROLE"], ["PING"]])
        guard
            case .done(let facts) = try Self.progress(&handshake, [Self.greeting, Self.text("OK"), .array([Self.text("master")]), Self.text("PONG")])
        else { return #expect(Bool(false), "the handshake is not done") }
        #expect(facts.version == "7.0.15" && facts.role == "master" && facts.mode == "standalone" && facts.resp == 3)
    }

    @Test func `a server without HELLO is spoken to as of old`() throws {
        var handshake = Handshake(Self.full)
        _ = handshake.begin()
        let no = RESPValue.refusal(RedisRefusal(reply: "ERR unknown command 'HELLO'"))
        let denied = RESPValue.refusal(RedisRefusal(reply: "NOAUTH Authentication required."))
        guard case .send(let commands) = try Self.progress(&handshake, [no, denied, denied, denied]) else {
            return #expect(Bool(false), "the handshake does not begin anew")
        }
        #expect(try Self.words(commands) == [["AUTH", "u", "p"], ["CLIENT", "SETNAME", "n"], ["SELECT", "2"], ["ROLE"], ["PING"]])
        let ok = Self.text("OK")
        guard case .done(let facts) = try Self.progress(&handshake, [ok, ok, ok, .array([Self.text("master")]), Self.text("PONG")]) else {
            return #expect(Bool(false), "the handshake is not done")
        }
        #expect(facts.resp == 2)
    }

    @Test(arguments: [
        "WRONGPASS invalid username-password pair", "NOAUTH HELLO must be called with the client already authenticated", "LOADING Redis is loading",
    ])
    func `a refusal ends it`(reply: String) {
        var handshake = Handshake(Self.full)
        _ = handshake.begin()
        #expect(throws: RedisError.refused(RedisRefusal(reply: reply))) { try handshake.receive(.refusal(RedisRefusal(reply: reply))) }
    }

    @Test func `a user who may not ask for the role is told it by the greeting`() throws {
        var handshake = Handshake(Self.full)
        _ = handshake.begin()
        let denied = RESPValue.refusal(RedisRefusal(reply: "NOPERM this user has no permissions to run the 'role' command"))
        guard case .done(let facts) = try Self.progress(&handshake, [Self.greeting, Self.text("OK"), denied, Self.text("PONG")]) else {
            return #expect(Bool(false), "the handshake is not done")
        }
        #expect(facts.role == "master")
    }

    @Test func `a replica is not what was looked for`() {
        var handshake = Handshake(Self.full)
        _ = handshake.begin()
        #expect(throws: RedisError.self) { try Self.progress(&handshake, [Self.greeting, Self.text("OK"), .array([Self.text("slave")])]) }
    }
}
