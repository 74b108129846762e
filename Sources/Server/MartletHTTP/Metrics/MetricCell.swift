/// The value of one series.
protocol MetricCell: AnyObject, Sendable {
    /// As Prometheus names it.
    static var type: String { get }

    func write(_ name: String, _ labels: [MetricLabel], to text: inout PrometheusText)
}
