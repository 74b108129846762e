extension Array {
    /// Its longest runs of elements for which `isOne` answers alike, in their order: what a store writes in one way, and what in the other, where
    /// the order counts.
    package func runs(where isOne: (Element) -> Bool) -> [(isOne: Bool, elements: [Element])] {
        var runs: [(isOne: Bool, elements: [Element])] = []
        for element in self {
            let isOne = isOne(element)
            if runs.last?.isOne == isOne {
                runs[runs.count - 1].elements.append(element)
            } else {
                runs.append((isOne, [element]))
            }
        }
        return runs
    }
}
