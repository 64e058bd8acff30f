// {{title}}: the channel {{capability}}. It sends each message back: replace send by your service.
package main

import (
	"strconv"
	"sync/atomic"

	"aisopod/plugin"
)

type message struct {
	ID     string `json:"id,omitempty"`
	Text   string `json:"text"`
	Sender sender `json:"sender"`
}

type sender struct {
	ID string `json:"id"`
}

type receipt struct {
	ID string `json:"id"`
}

type channel struct {
	messages uint64
}

// connected gets the connection: a service that receives messages by itself keeps it.
func (*channel) connected(*plugin.Connection, struct{}) error { return nil }

func (channel *channel) send(connection *plugin.Connection, sent message) (receipt, error) {
	id := strconv.FormatUint(atomic.AddUint64(&channel.messages, 1), 10)
	return receipt{id}, connection.Receive(message{id, sent.Text, sender{"echo"}})
}

func init() {
	plugin.Export("{{id}}", func(setup *plugin.Setup) {
		its := &channel{}
		options := plugin.Options{Name: "{{capability}}", Description: "Sends each message back", Spec: `{"label":"{{title}}"}`}
		plugin.Channel(setup, options, its.connected, its.send)
	})
}

func main() {}
