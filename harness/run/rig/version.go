package rig

import (
	"cmp"
	"runtime/debug"
)

// Version is the version of Gauntlet that runs, as the build recorded it: of
// the module or, failing that, the commit; "devel" where nothing is known, as
// in tests.
func Version() string {
	build, ok := debug.ReadBuildInfo()
	if !ok {
		return "devel"
	}
	settings := map[string]string{}
	for _, s := range build.Settings {
		settings[s.Key] = s.Value
	}
	version := build.Main.Version
	if version == "(devel)" {
		version = ""
	}
	return cmp.Or(version, settings["vcs.revision"], "devel")
}
