package main

import (
	"fmt"
	"math"

	"github.com/dustin/go-humanize"
)

// parseSize reads a number of bytes such as 64KiB, 10MB or 4096; "" is 0. flag
// names the place in errors.
func parseSize(flag, text string) (int64, error) {
	if text == "" {
		return 0, nil
	}
	n, err := humanize.ParseBytes(text)
	if err != nil || n == 0 || n > math.MaxInt64/2 {
		return 0, fmt.Errorf("%s %q: want a number of bytes such as 65536, 256KiB or 1GiB", flag, text)
	}
	return int64(n), nil
}
