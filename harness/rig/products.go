package rig

import (
	"fmt"
	"strings"
)

// Products are the real proxies that can stand in for the forward box.
func Products() []string { return []string{"squid"} }

// CheckProduct says what is wrong with the name of a product; "" is none.
func CheckProduct(name string) error {
	for _, known := range Products() {
		if name == "" || name == known {
			return nil
		}
	}
	return fmt.Errorf("no box %q; the real proxies are %s", name, strings.Join(Products(), ", "))
}

func (s *stage) putProduct() error { return fmt.Errorf("not yet") }
