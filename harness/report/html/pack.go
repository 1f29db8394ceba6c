package html

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"strings"
)

// pack is a value as JSON, gzip and base64: letters and digits that mean
// nothing to HTML, whatever is in them.
func pack(v any) (string, error) {
	var out strings.Builder
	encode := base64.NewEncoder(base64.StdEncoding, &out)
	compress := gzip.NewWriter(encode)
	if err := json.NewEncoder(compress).Encode(v); err != nil {
		return "", err
	}
	if err := compress.Close(); err != nil {
		return "", err
	}
	if err := encode.Close(); err != nil {
		return "", err
	}
	return out.String(), nil
}
