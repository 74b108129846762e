import MartletCore
import NIOCore

/// A payload or a result as it is kept: JSON, or the parts from which it is made when it is read. Lua never writes JSON.
enum StoredValue {
    /// JSON never begins with one of these. They stand in `rows.lua` as well.
    private enum Sort: UInt8 {
        case withEvent = 1
        case ofEvent, ofChildren, ofDeadline
    }

    static func payload(_ stored: ByteBuffer) throws(StoreError) -> Payload {
        var stored = stored
        guard let first: UInt8 = stored.getInteger(at: stored.readerIndex), let sort = Sort(rawValue: first) else {
            return Payload(trusted: Array(buffer: stored))
        }
        stored.moveReaderIndex(forwardBy: 1)
        var reader = PackReader(stored)
        switch sort {
        case .withEvent:
            let template = JobTemplate(kind: "", payload: Payload(trusted: Array(buffer: try reader.bytes())))
            // The same rule that made the job's other parts.
            return Trigger(.every(.zero, offset: .zero), job: template).job(for: try event(&reader), id: JobID(high: 0, low: 0)).payload
        case .ofEvent: return WaitResult.event(try event(&reader)).payload
        case .ofChildren:
            return WaitResult.children(succeeded: try reader.int(), failed: try reader.int(), cancelled: try reader.int()).payload
        case .ofDeadline: return WaitResult.deadline.payload
        }
    }

    private static func event(_ reader: inout PackReader) throws(StoreError) -> Event {
        Event(
            stream: try reader.string(), sequence: try reader.int(), at: try reader.time(), type: try reader.string(),
            data: Payload(trusted: Array(buffer: try reader.bytes())))
    }
}
