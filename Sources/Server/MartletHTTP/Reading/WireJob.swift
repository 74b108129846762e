import MartletCore

/// Reads the body of `POST /v1/jobs` for the other targets of this package.
package struct WireJob: Sendable {
    /// What is wrong with it, as the API's problem document says.
    package struct Refusal: Error, CustomStringConvertible {
        package let description: String
    }

    private let reader: JobReader

    package init(environment: MartletCore.Environment, defaults: [String: KindDefaults]) {
        reader = JobReader(environment: environment, defaults: defaults)
    }

    package func job(_ json: JSON) throws(Refusal) -> NewJob {
        do throws(Problem) {
            return try reader.job(json)
        } catch {
            throw Refusal(description: error.detail)
        }
    }
}
