package html

import (
	"compress/gzip"
	"encoding/base64"
	"encoding/json"
	"strings"
	"sync"
)

// packer packs what a page is made of. What it compresses with is as big as many a
// chunk, and is used again.
type packer struct{ idle sync.Pool }

// pack is a value as JSON, gzip and base64: letters and digits that mean
// nothing to HTML, whatever is in them.
func (p *packer) pack(v any) (string, error) {
	var out strings.Builder
	encode := base64.NewEncoder(base64.StdEncoding, &out)
	compress, _ := p.idle.Get().(*gzip.Writer)
	if compress == nil {
		compress = gzip.NewWriter(encode)
	}
	defer p.idle.Put(compress)
	compress.Reset(encode)
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
