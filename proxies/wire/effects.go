package wire

import "maps"

// Effects is the registry of effects, by the name that a fault gives them. The
// package fault says of each what it does, takes and where it means something.
func Effects() map[string]Effect {
	all := map[string]Effect{
		"close":      closeEffect{},
		"reset":      resetEffect{},
		"cut":        cutEffect{},
		"half-close": halfCloseEffect{},
		"stall":      stallEffect{},
		"blackhole":  blackholeEffect{},
		"delay":      delayEffect{},
		"bandwidth":  bandwidthEffect{},
		"dribble":    dribbleEffect{},
		refusal:      refuseEffect{},

		"status":             statusEffect{},
		"redirect":           redirectEffect{},
		"portal":             portalEffect{},
		"cached":             cachedEffect{},
		"repeat":             repeatEffect{},
		"repeat after drop":  repeatAfterDropEffect{},
		"stale answer":       staleAnswerEffect{},
		"crossed answer":     crossedAnswerEffect{},
		"hold":               holdEffect{},
		"coalesce":           coalesceEffect{},
		"continue":           continueEffect{},
		"chunked":            chunkedEffect{},
		"gzip":               gzipEffect{},
		"http1.0":            http10Effect{},
		"length wrong":       lengthWrongEffect{},
		"length missing":     lengthMissingEffect{},
		"length twice":       lengthTwiceEffect{},
		"truncate":           truncateEffect{},
		"drop header":        dropHeaderEffect{},
		"duplicate header":   duplicateHeaderEffect{},
		"recase header":      recaseHeaderEffect{},
		"lower-case headers": lowerCaseHeadersEffect{},
		"reorder headers":    reorderHeadersEffect{},
		"fold header":        foldHeaderEffect{},
		"add header":         addHeaderEffect{},
	}
	maps.Copy(all, roadEffects())
	return all
}

// roadEffects are those of the way between two ends.
func roadEffects() map[string]Effect {
	return map[string]Effect{
		"kill flow":   killFlowEffect{},
		"forget flow": forgetFlowEffect{},
		"reject flow": rejectFlowEffect{},
		"lose flow":   loseFlowEffect{},
	}
}
