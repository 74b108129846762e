import Foundation

extension RedisMeasure {
    static func write(_ text: String) { FileHandle.standardOutput.write(Data(text.utf8)) }
}
