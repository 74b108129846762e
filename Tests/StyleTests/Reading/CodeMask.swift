/// Blanks comments, the contents of strings and names in backticks, byte for byte, so that offsets and lines stay.
/// Code inside an interpolation stays visible.
struct CodeMask {
    private enum Mode {
        /// Code; inside an interpolation, with the parentheses open in it.
        case code(depth: Int, isInterpolation: Bool)
        case string(hashes: Int, isMultiline: Bool)
    }

    private let bytes: UnsafeBufferPointer<UInt8>
    private var output: [UInt8]
    private var index = 0
    private var modes = [Mode.code(depth: 0, isInterpolation: false)]

    static func blank(_ bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBufferPointer { buffer in
            var mask = CodeMask(bytes: buffer, output: bytes)
            mask.run()
            return mask.output
        }
    }

    private init(bytes: UnsafeBufferPointer<UInt8>, output: [UInt8]) {
        self.bytes = bytes
        self.output = output
    }

    private func byte(_ offset: Int) -> UInt8 { index + offset < bytes.count ? bytes[index + offset] : 0 }

    private mutating func erase(_ count: Int) {
        for _ in 0..<count where index < bytes.count {
            if bytes[index] != 0x0A { output[index] = 0x20 }
            index += 1
        }
    }

    private mutating func run() {
        while index < bytes.count {
            switch modes[modes.count - 1] {
            case .code(let depth, let isInterpolation): code(depth, isInterpolation)
            case .string(let hashes, let isMultiline): string(hashes, isMultiline)
            }
        }
    }

    private mutating func code(_ depth: Int, _ isInterpolation: Bool) {
        switch bytes[index] {
        case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "/"):
            while index < bytes.count, bytes[index] != 0x0A { erase(1) }
        case UInt8(ascii: "/") where byte(1) == UInt8(ascii: "*"): blockComment()
        case UInt8(ascii: "`"):
            index += 1
            while index < bytes.count, bytes[index] != UInt8(ascii: "`"), bytes[index] != 0x0A {
                output[index] = UInt8(ascii: "_")
                index += 1
            }
            index += 1
        case UInt8(ascii: "#"), UInt8(ascii: "\""): quote()
        case UInt8(ascii: "("):
            modes[modes.count - 1] = .code(depth: depth + 1, isInterpolation: isInterpolation)
            index += 1
        case UInt8(ascii: ")"):
            if isInterpolation, depth == 0 {
                modes.removeLast()
            } else {
                modes[modes.count - 1] = .code(depth: depth - 1, isInterpolation: isInterpolation)
            }
            index += 1
        default: index += 1
        }
    }

    private mutating func blockComment() {
        var depth = 0
        repeat {
            if bytes[index] == UInt8(ascii: "/"), byte(1) == UInt8(ascii: "*") {
                depth += 1
                erase(2)
            } else if bytes[index] == UInt8(ascii: "*"), byte(1) == UInt8(ascii: "/") {
                depth -= 1
                erase(2)
            } else {
                erase(1)
            }
        } while depth > 0 && index < bytes.count
    }

    private mutating func quote() {
        var hashes = 0
        while byte(hashes) == UInt8(ascii: "#") { hashes += 1 }
        guard byte(hashes) == UInt8(ascii: "\"") else {
            index += max(1, hashes)
            return
        }
        let isMultiline = byte(hashes + 1) == UInt8(ascii: "\"") && byte(hashes + 2) == UInt8(ascii: "\"")
        index += hashes + (isMultiline ? 3 : 1)
        modes.append(.string(hashes: hashes, isMultiline: isMultiline))
    }

    private mutating func string(_ hashes: Int, _ isMultiline: Bool) {
        switch bytes[index] {
        case UInt8(ascii: "\\") where (0..<hashes).allSatisfy({ byte(1 + $0) == UInt8(ascii: "#") }):
            if byte(1 + hashes) == UInt8(ascii: "(") {
                erase(1 + hashes)
                index += 1
                modes.append(.code(depth: 0, isInterpolation: true))
            } else {
                erase(2 + hashes)
            }
        case UInt8(ascii: "\""):
            let quotes = isMultiline ? 3 : 1
            let isClosing =
                (0..<quotes).allSatisfy { byte($0) == UInt8(ascii: "\"") } && (0..<hashes).allSatisfy { byte(quotes + $0) == UInt8(ascii: "#") }
            guard isClosing else { return erase(1) }
            index += quotes + hashes
            modes.removeLast()
        case 0x0A where !isMultiline:
            modes.removeLast()
        default: erase(1)
        }
    }
}
