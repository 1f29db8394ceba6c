package child

import (
	"errors"
	"os/exec"
	"slices"
)

// reasonOf is why a program was not found, without its name.
func reasonOf(err error) error {
	var missing *exec.Error
	if errors.As(err, &missing) {
		return missing.Err
	}
	return err
}

func sortedKeys(m map[string]string) []string {
	list := make([]string, 0, len(m))
	for key := range m {
		list = append(list, key)
	}
	slices.Sort(list)
	return list
}
