package client_test

import (
	"context"
	"fmt"
	"log"
	"net"
	"time"

	"gauntlet/harness/msn/client"
	"gauntlet/harness/msn/gateway"
	"gauntlet/harness/msn/messenger"
	"gauntlet/proxies/network"
)

// servers starts a gateway on this machine with a messenger behind it, in which
// Bob is a scripted contact that says everything back. It gives a network on
// which the gateway's names lead there.
func servers() (network.Network, func()) {
	m := messenger.New(messenger.Options{Accounts: []messenger.Account{
		{Email: "alice@example.com", Contacts: []string{"bob@example.com"}},
		{Email: "bob@example.com", Contacts: []string{"alice@example.com"}},
	}})
	notification, switchboard, front := listen(), listen(), listen()
	g := gateway.New(gateway.Options{
		Dialect: gateway.Dialects()["documented"],
		Dial: func(_ context.Context, server, _ string) (net.Conn, error) {
			if server == string(gateway.SB) {
				return net.Dial("tcp", switchboard.Addr().String())
			}
			return net.Dial("tcp", notification.Addr().String())
		},
	})
	go serve(m.ServeNotification, notification)
	go serve(m.ServeSwitchboard, switchboard)
	go serve(g.Serve, front)
	bob := m.Contact("bob@example.com")
	bob.Echo(true)
	bob.SignIn()
	routes := map[string]string{client.DispatchHost + ":80": front.Addr().String()}
	return &network.Loopback{Routes: routes}, func() {
		_ = g.Close()
		_ = m.Close()
	}
}

func listen() net.Listener {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		log.Fatal(err)
	}
	return l
}

func serve(f func(net.Listener) error, l net.Listener) {
	if err := f(l); err != nil {
		log.Print(err)
	}
}

// A User signs in, calls a contact, chats, and leaves with OUT.
func ExampleUser() {
	n, stop := servers()
	defer stop()
	heard := make(chan string, 1)
	alice := client.NewUser(client.Options{
		Network: n, Email: "alice@example.com", PollEvery: 20 * time.Millisecond,
		Report: func(r client.Report) {
			if r.Kind == client.Received {
				heard <- r.From + " says: " + r.Text
			}
		},
	})
	defer alice.Close()

	ctx := context.Background()
	if err := alice.SignIn(ctx); err != nil {
		log.Fatal(err)
	}
	chat, err := alice.Call(ctx, "bob@example.com")
	if err != nil {
		log.Fatal(err)
	}
	if err := chat.Send("are you there?"); err != nil {
		log.Fatal(err)
	}
	fmt.Println(<-heard)
	fmt.Println("left:", alice.SignOut(ctx) == nil)
	// Output:
	// bob@example.com says: are you there?
	// left: true
}
