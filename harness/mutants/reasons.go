package mutants

// Reason says why a client breaks musts beside the one that its defect is
// about. There are ten at most: where a defect would need another, its cases
// are too coarse.
type Reason string
