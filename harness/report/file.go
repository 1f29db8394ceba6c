package report

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

// WriteFile has a report written to a file, so that it is there whole or not at
// all, and makes the directories above it. Without a name it does nothing.
func WriteFile(name string, write func(io.Writer) error) error {
	if name == "" {
		return nil
	}
	var text bytes.Buffer
	if err := write(&text); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		return fmt.Errorf("store: %w", err)
	}
	return replace(name, text.Bytes())
}
