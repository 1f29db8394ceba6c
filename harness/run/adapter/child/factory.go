package child

import "gauntlet/harness/run/adapter"

// Factory makes the client that the file describes, one process for each case.
func (f *File) Factory() adapter.Factory {
	return func(s adapter.Setup) (adapter.Client, error) {
		if f.Mode == BlackBox {
			return newBlackBox(f, s), nil
		}
		return newDriven(f, s), nil
	}
}

// Kind tells the rig how far the client can be asked.
func (f *File) Kind() adapter.Kind {
	if f.Mode == BlackBox {
		return adapter.BlackBox
	}
	return adapter.Driven
}
