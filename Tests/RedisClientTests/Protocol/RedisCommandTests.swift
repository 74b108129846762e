import NIOCore
import Testing

@testable import RedisStore

@Suite struct RedisCommandTests {
    @Test func `arguments are bytes, whatever is in them`() {
        var command = RedisCommand("SET", "kéy\r\n*1")
        command.add(ByteBuffer(bytes: [0, 13, 10, 255]))
        command.add([1, 2] as [UInt8])
        command.add(-7)
        #expect(
            Array(command.encoded.readableBytesView)
                == Array("*5\r\n$3\r\nSET\r\n$8\r\nkéy\r\n*1\r\n$4\r\n".utf8) + [0, 13, 10, 255] + Array("\r\n$2\r\n".utf8) + [1, 2]
                + Array("\r\n$2\r\n-7\r\n".utf8))
    }

    @Test(arguments: [1, 9, 10, 11, 99, 100, 4711]) func `the head counts the arguments`(count: Int) throws {
        let command = RedisCommand(words: (0..<count).map { "a\($0)" })
        var parser = RESPParser()
        parser.append(command.encoded)
        #expect(try parser.next()?.elements?.count == count)
        #expect(try parser.next() == nil)
    }

    @Test func `a function is called with its keys counted`() throws {
        var command = RedisCommand.call("f", keys: ["a", "b"])
        command.add("x")
        var parser = RESPParser()
        parser.append(command.encoded)
        #expect(try parser.next()?.elements?.map(\.string) == ["FCALL", "f", "2", "a", "b", "x"])
    }
}
