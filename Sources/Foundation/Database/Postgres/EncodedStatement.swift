import CLibPQ

/// A statement with its values in the formats of the wire: text that ends in a zero, and one buffer for all the values.
struct EncodedStatement {
    /// What decides whether two statements can share one prepared statement.
    struct Shape: Hashable {
        var text: [UInt8]
        var types: [UInt32]
    }

    let shape: Shape
    private let offsets: [Int]
    private let bytes: [UInt8]

    /// The server takes no value, and no statement, of a gigabyte.
    private static let bytesMax = 1 << 30
    private static let valuesMax = 65_535

    init(_ sql: SQL) throws(DatabaseFailure) {
        var text: [UInt8] = []
        text.reserveCapacity(sql.text.utf8.count + sql.values.count * 2 + 1)
        sql.appendPostgres(to: &text)
        text.append(0)
        var bytes: [UInt8] = []
        var offsets: [Int] = []
        offsets.reserveCapacity(sql.values.count)
        for value in sql.values {
            offsets.append(bytes.count)
            value.appendBinary(to: &bytes)
        }
        guard bytes.count < Self.bytesMax, sql.values.count <= Self.valuesMax else {
            throw DatabaseFailure(
                .corrupt,
                reason: "a statement has more than \(Self.valuesMax) values, or a gigabyte of them: send fewer at a time, or lists as arrays")
        }
        shape = Shape(text: text, types: sql.values.map(\.oid))
        self.offsets = offsets
        self.bytes = bytes
    }

    struct Parameters {
        var count: Int32
        var values: UnsafePointer<UnsafePointer<CChar>?>?
        var lengths: UnsafePointer<Int32>?
        var formats: UnsafePointer<Int32>?
    }

    /// Calls `body` with the values as libpq wants them, all in binary.
    func withParameters<Value>(_ body: (Parameters) -> Value) -> Value {
        bytes.withUnsafeBytes { buffer in
            var values: [UnsafePointer<CChar>?] = []
            var lengths: [Int32] = []
            for offset in offsets {
                let length = Int32(bigEndian: buffer.loadUnaligned(fromByteOffset: offset, as: Int32.self))
                lengths.append(max(0, length))
                values.append(length < 0 ? nil : (buffer.baseAddress! + offset + 4).assumingMemoryBound(to: CChar.self))
            }
            let formats = [Int32](repeating: 1, count: offsets.count)
            return values.withUnsafeBufferPointer { values in
                lengths.withUnsafeBufferPointer { lengths in
                    formats.withUnsafeBufferPointer { formats in
                        body(
                            Parameters(
                                count: Int32(offsets.count), values: values.baseAddress, lengths: lengths.baseAddress,
                                formats: formats.baseAddress))
                    }
                }
            }
        }
    }
}
