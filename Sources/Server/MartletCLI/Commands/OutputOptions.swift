import ArgumentParser

/// How a result is printed.
struct OutputOptions: ParsableArguments {
    @Flag(help: "Print JSON, one object per line, instead of a table.")
    var json = false
}
