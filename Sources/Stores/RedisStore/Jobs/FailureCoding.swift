import MartletCore
import NIOCore

/// Failures as they are kept: kind and message, or a number for those that the store itself lays.
enum FailureCoding {
    static func encode(_ failure: Failure) -> [UInt8] {
        var writer = PackWriter()
        writer.add(failure.kind)
        writer.add(failure.message)
        return writer.bytes
    }

    static func decode(_ stored: ByteBuffer) throws(StoreError) -> Failure {
        var (reader, ahead) = (PackReader(stored), stored)
        switch ahead.readInteger(as: UInt8.self) {
        case 1:
            _ = try reader.int()
            return .crashed(try reader.int())
        case 2:
            _ = try reader.int()
            return .queueTimeout(.microseconds(try reader.int()))
        default: return Failure(kind: try reader.string(), message: try reader.string())
        }
    }
}
