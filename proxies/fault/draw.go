package fault

import "encoding/binary"

// draw is a number in [0, 1) that depends on nothing but its arguments: two
// runs with one seed draw the same, however their goroutines interleave.
func draw(seed uint64, hop, ordinal int, effect string) float64 {
	key := binary.LittleEndian.AppendUint64(nil, seed)
	key = binary.LittleEndian.AppendUint64(key, uint64(hop))
	key = binary.LittleEndian.AppendUint64(key, uint64(ordinal))
	return float64(mix(fnv1a(append(key, effect...)))>>11) / (1 << 53)
}

// fnv1a is the 64-bit FNV-1a hash.
func fnv1a(data []byte) uint64 {
	h := uint64(14695981039346656037)
	for _, b := range data {
		h = (h ^ uint64(b)) * 1099511628211
	}
	return h
}

// mix spreads the low bits over all of them (the finish of SplitMix64): FNV
// alone leaves neighbouring ordinals with nearly the same high bits.
func mix(h uint64) uint64 {
	h = (h ^ h>>30) * 0xbf58476d1ce4e5b9
	h = (h ^ h>>27) * 0x94d049bb133111eb
	return h ^ h>>31
}
