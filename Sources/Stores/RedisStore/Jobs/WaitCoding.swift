import MartletCore
import NIOCore

/// Waits as they are kept: a letter, stream or group or trigger, type, sequence number, step, deadline.
enum WaitCoding {
    static func encode(_ wait: Wait) -> [UInt8] {
        var writer = PackWriter()
        switch wait.condition {
        case .event(let stream, let type, let after):
            for text in ["e", stream, type] { writer.add(text) }
            writer.add(after)
        case .children(let group): add("c", group, to: &writer)
        case .turn(let trigger): add("t", trigger, to: &writer)
        }
        writer.add(wait.step)
        writer.add(wait.deadline)
        return writer.bytes
    }

    private static func add(_ letter: String, _ name: String, to writer: inout PackWriter) {
        writer.add(letter)
        writer.add(name)
        writer.addNil()
        writer.addNil()
    }

    static func decode(_ stored: ByteBuffer) throws(StoreError) -> Wait {
        var reader = PackReader(stored)
        let (letter, name, type, after) = (
            try reader.string(), try reader.string(), try reader.optionalString(), try reader.optionalInt()
        )
        let condition: Wait.Condition
        switch letter {
        case "e":
            guard let type, let after else { throw .unreadable }
            condition = .event(stream: name, type: type, after: after)
        case "c": condition = .children(group: name)
        case "t": condition = .turn(trigger: name)
        default: throw .unreadable
        }
        return Wait(condition, step: try reader.optionalString(), deadline: try reader.optionalDuration())
    }
}
