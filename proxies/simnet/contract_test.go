package simnet_test

import (
	"testing"

	"golang.org/x/net/nettest"

	"gauntlet/proxies/network/networktest"
)

func TestContractInVirtualTime(t *testing.T) {
	for _, c := range networktest.Checks(makePair) {
		t.Run(c.Name, func(t *testing.T) {
			bubble(t, func(t *testing.T) {
				if err := c.Run(); err != nil {
					t.Error(err)
				}
			})
		})
	}
}

func TestContractInRealTime(t *testing.T) {
	for _, c := range networktest.Checks(makePair) {
		t.Run(c.Name, func(t *testing.T) {
			t.Parallel()
			if err := c.Run(); err != nil {
				t.Error(err)
			}
		})
	}
}

func TestNettest(t *testing.T) { nettest.TestConn(t, makePair) }
