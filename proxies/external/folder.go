package external

import (
	"fmt"
	"os"
	"os/user"
	"path/filepath"
	"strconv"
)

// folder makes the product's folder.
func (c *command) folder() (err error) {
	if c.dir == "" {
		c.temporary = true
		c.dir, err = os.MkdirTemp("", "gauntlet-"+c.Name+"-")
	} else if c.dir, err = filepath.Abs(c.dir); err == nil {
		err = os.MkdirAll(c.dir, 0o755)
	}
	if err != nil {
		return fmt.Errorf("%s: its folder: %w", c.Name, err)
	}
	return nil
}

// discard removes the folder of a product that did not come to run.
func (c *command) discard() error {
	if !c.temporary || c.dir == "" {
		return nil
	}
	return os.RemoveAll(c.dir)
}

// giveToUser hands dir to the first of names that exists, if we are root: many
// proxies give up root before they open their logs. Otherwise, or without
// names, it does nothing and names nobody.
func giveToUser(dir string, names ...string) (string, error) {
	if os.Geteuid() != 0 || len(names) == 0 {
		return "", nil
	}
	for _, name := range names {
		u, err := user.Lookup(name)
		if err != nil {
			continue
		}
		uid, _ := strconv.Atoi(u.Uid) // numbers, where there is a root
		gid, _ := strconv.Atoi(u.Gid)
		if err := os.Chown(dir, uid, gid); err != nil {
			return "", fmt.Errorf("give its folder to user %s: %w; run as an ordinary user instead", name, err)
		}
		return name, enterable(dir, name)
	}
	return "", fmt.Errorf("runs as root, and none of the users %v exists: run as an ordinary user instead", names)
}

// enterable tells whether everybody may pass through the folders above dir:
// products say the oddest things when they may not.
func enterable(dir, name string) error {
	for up := filepath.Dir(dir); ; up = filepath.Dir(up) {
		info, err := os.Stat(up)
		if err != nil {
			return fmt.Errorf("its folder: %w", err)
		}
		if info.Mode()&0o001 == 0 {
			return fmt.Errorf("it becomes user %s, who may not enter %s: choose a folder that everybody may enter", name, up)
		}
		if up == filepath.Dir(up) {
			return nil
		}
	}
}
