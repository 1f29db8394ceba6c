package gateway

import (
	"runtime/metrics"
	"time"
)

// Limits bound what strangers can make a gateway hold. Every field that is
// zero or less means its default. Of what one address may take there is none:
// behind a proxy many share one.
type Limits struct {
	PerAddress     int           // sessions of one address at one time; default no limit
	Opens          float64       // sessions that one address may open in a second, in the long run; default no limit
	AtOnce         int           // and at once, where Opens is limited; default 1
	Connections    int           // connections of one address to the gateway's own server; default no limit
	Sessions       int           // sessions at one time, the closed ones that are still kept included; default 10,000
	Body           int           // bytes of one request's body; default 256 KiB
	Queued         int           // bytes per session and direction; above it the messenger is read no further; default 1 MiB
	Unacknowledged int           // answers per session whose ids were never carried back; default 1,000
	Remembered     int           // sessions that Lookup knows, the newest; default 65,536
	Heap           int64         // bytes of this process's live heap above which no session is opened; default no limit
	Hold           time.Duration // longest time that a Lifespan may ask for; default 2 minutes
	Head           time.Duration // for a request's head to arrive, once it began; default 30 s
	BodyTime       time.Duration // for a request's body to arrive; default 30 s
	Dial           time.Duration // for the messenger to be reached; default 10 s
	Write          time.Duration // for the messenger to take what is written; default 10 s
	Silence        time.Duration // between two requests on one connection; default 5 minutes
}

func (l Limits) normal() Limits {
	standard(&l.Sessions, 10_000)
	standard(&l.Body, 256<<10)
	standard(&l.Queued, 1<<20)
	standard(&l.Unacknowledged, 1000)
	standard(&l.Remembered, 1<<16)
	standard(&l.Hold, 2*time.Minute)
	standard(&l.Head, 30*time.Second)
	standard(&l.BodyTime, 30*time.Second)
	standard(&l.Dial, 10*time.Second)
	standard(&l.Write, 10*time.Second)
	standard(&l.Silence, 5*time.Minute)
	return l
}

func standard[T int | time.Duration](field *T, value T) {
	if *field <= 0 {
		*field = value
	}
}

// heapGauge is what the runtime calls the bytes of live and not yet swept
// objects; reading it stops nobody.
const heapGauge = "/memory/classes/heap/objects:bytes"

// crowded reports whether there is too little memory for one more session.
func (l Limits) crowded() bool {
	if l.Heap <= 0 {
		return false
	}
	sample := []metrics.Sample{{Name: heapGauge}}
	metrics.Read(sample)
	return sample[0].Value.Kind() == metrics.KindUint64 && sample[0].Value.Uint64() > uint64(l.Heap)
}
