package specs

import (
	"os"
	"path/filepath"
	"strings"

	. "github.com/onsi/ginkgo/v2"
	. "github.com/onsi/gomega"
)

const transcripts = "../fixtures/transcripts"

// golden is where each of the conversations that everything rests on is told.
func golden() map[string]string {
	return map[string]string{
		"an open, a poll, a command":     "open-poll-command-out",
		"the messenger closes":           "close-alone",
		"the close comes with a body":    "close-with-body",
		"an overlap on one connection":   "overlap-one-connection",
		"an overlap on two connections":  "overlap-two-connections",
		"PNG":                            "png",
		"a moved GW-IP":                  "moved-gateway",
		"a session that was idle":        "forgotten",
		"a gateway that forgot them all": "gateway-forgets",
		"a lost answer repeated":         "lost-answer-repeated",
		"two losses in a row":            "two-losses-in-a-row",
	}
}

// The raw client talks to the gateway, and every byte of both is in a file.
// GAUNTLET_UPDATE=1 writes what was seen into the files.
var _ = Describe("The transcripts", func() {
	files, err := filepath.Glob(transcripts + "/*.txt")
	if err != nil {
		panic(err) // the pattern is a constant
	}

	It("tell the conversations that everything rests on", func() {
		for what, name := range golden() {
			Expect(files).To(ContainElement(transcripts+"/"+name+".txt"), what)
		}
	})

	for _, file := range files {
		It("hold byte for byte: "+strings.TrimSuffix(filepath.Base(file), ".txt"), func() {
			script, err := os.ReadFile(file)
			Expect(err).NotTo(HaveOccurred())
			var seen string
			inVirtualTime(func() { seen = play(string(script)) })()
			if os.Getenv("GAUNTLET_UPDATE") != "" {
				Expect(os.WriteFile(file, []byte(seen), 0o644)).To(Succeed())
				return
			}
			Expect(seen).To(Equal(string(script)))
		})
	}
})
