// Uses everything that the module has.
package main

import (
	"context"
	"encoding/json"
	"errors"
	"strings"
	"sync"
	"time"

	"aisopod/plugin"
)

type kit struct {
	lock              sync.Mutex
	greeting, dataDir string
	prefix            string
	host              *plugin.Host
}

const anyObject = `{"type":"object"}`

func named(name string) plugin.Options { return plugin.Options{Name: name, Spec: anyObject} }

type empty struct{}

func init() {
	plugin.Export("kit-go", func(setup *plugin.Setup) {
		it := &kit{host: setup.Host}
		setup.ThreadSafe = true
		setup.Init = it.init
		setup.Reconfigure = it.reconfigure
		setup.Shutdown = func() error {
			it.host.Log(plugin.Info, "kit-go is shut down")
			return nil
		}
		it.answering(setup)
		it.failing(setup)
		it.later(setup)
		plugin.Command(setup, plugin.Options{Name: "kit", Description: "Prints its words", Spec: `{"usage":"kit WORD…"}`}, print)
		plugin.Hook(setup, plugin.Options{Name: "BeforeToolExecute", Spec: `{"priority":5}`}, check)
		plugin.Channel(setup, plugin.Options{Name: "kit"}, it.connected, it.send)
		plugin.Provider(setup, plugin.Options{Name: "kit"}, models, chat)
	})
}

func (it *kit) init(given *plugin.Init) error {
	it.configure(given)
	it.dataDir = given.DataDir
	it.host.Log(plugin.Info, "kit-go is ready for host "+given.HostVersion)
	it.host.Go(func(context context.Context) {
		<-context.Done()
		it.host.Log(plugin.Info, "the background task has ended")
	})
	return nil
}

func (it *kit) configure(given *plugin.Init) {
	config := struct{ Greeting string }{"none"}
	_ = json.Unmarshal(given.Config, &config)
	it.lock.Lock()
	defer it.lock.Unlock()
	it.greeting = config.Greeting
}

func (it *kit) reconfigure(given *plugin.Init) error {
	var config struct{ Refuse bool }
	if err := json.Unmarshal(given.Config, &config); err != nil {
		return err
	}
	if config.Refuse {
		return errors.New("this configuration is refused")
	}
	it.configure(given)
	return nil
}

func (it *kit) answering(setup *plugin.Setup) {
	plugin.Tool(setup, named("kit_echo"), func(_ *plugin.Call, given json.RawMessage) (json.RawMessage, error) { return given, nil })
	plugin.Tool(setup, named("kit_large"), func(_ *plugin.Call, given struct{ Bytes int }) (string, error) {
		return strings.Repeat("x", given.Bytes), nil
	})
	plugin.Tool(setup, named("kit_inline"), func(call *plugin.Call, _ empty) (map[string]string, error) {
		return map[string]string{"session": call.Context("sessionKey")}, nil
	})
	plugin.Tool(setup, plugin.Options{Name: "kit_values"}, values)
	plugin.Tool(setup, named("kit_config"), func(*plugin.Call, empty) (map[string]string, error) {
		it.lock.Lock()
		defer it.lock.Unlock()
		return map[string]string{"greeting": it.greeting, "dataDir": it.dataDir}, nil
	})
	plugin.Tool(setup, named("kit_count"), func(call *plugin.Call, given struct{ Count int }) (int, error) {
		for number := 0; number < given.Count; number++ {
			if err := call.Check(); err != nil {
				return 0, err
			}
			if err := call.Emit(number); err != nil {
				return 0, err
			}
		}
		call.Progress(1, 2, "half")
		return given.Count, nil
	})
}

type valueTypes struct {
	Text    string  `json:"text"`
	Integer int64   `json:"integer"`
	Number  float64 `json:"number"`
	Boolean bool    `json:"boolean"`
	Missing int64   `json:"missing"`
	Nothing *int    `json:"nothing"`
	Items   []any   `json:"items"`
}

func values(_ *plugin.Call, given map[string]json.RawMessage) (*valueTypes, error) {
	read := &valueTypes{Missing: -1}
	if json.Unmarshal(given["text"], &read.Text) != nil {
		return nil, &plugin.Failure{Status: plugin.StatusInvalid, Message: "text: expected a string"}
	}
	if json.Unmarshal(given["integer"], &read.Integer) != nil {
		return nil, &plugin.Failure{Status: plugin.StatusInvalid, Message: "integer: expected an integer"}
	}
	_ = json.Unmarshal(given["number"], &read.Number)
	_ = json.Unmarshal(given["boolean"], &read.Boolean)
	return read, json.Unmarshal(given["items"], &read.Items)
}

func (it *kit) failing(setup *plugin.Setup) {
	plugin.Tool(setup, named("kit_throw"), func(_ *plugin.Call, given struct{ What string }) (any, error) {
		switch given.What {
		case "failure":
			return nil, &plugin.Failure{Status: plugin.StatusNotFound, Message: "there is none"}
		case "panic":
			panic("a mistake")
		}
		return nil, errors.New(given.What)
	})
}

func (it *kit) later(setup *plugin.Setup) {
	type parameters struct{ Fail, Forever bool }
	plugin.AsyncTool(setup, named("kit_later"), func(call *plugin.Call, given parameters) (map[string]string, error) {
		if given.Fail {
			return nil, &plugin.Failure{Status: plugin.StatusDenied, Message: "asked to fail"}
		}
		if given.Forever {
			if err := call.Emit("begun"); err != nil {
				return nil, err
			}
		}
		for given.Forever {
			if err := call.Check(); err != nil {
				return nil, err
			}
			time.Sleep(time.Millisecond)
		}
		return map[string]string{"input": string(call.Input), "session": call.Context("sessionKey")}, nil
	})
	plugin.AsyncTool(setup, named("kit_thrown_later"), func(*plugin.Call, empty) (any, error) { panic("not handed on") })
	plugin.AsyncTool(setup, named("kit_ask"), func(call *plugin.Call, given struct{ Tool string }) (json.RawMessage, error) {
		return it.host.Ask(plugin.KindTool, given.Tool, "call", []byte(`{"asked":true}`), call.Invocation())
	})
}

func print(call *plugin.Call, args []string) (uint8, error) {
	for _, word := range args {
		if err := call.Out(word + "\n"); err != nil {
			return 1, err
		}
	}
	if len(args) > 0 {
		return 0, nil
	}
	return 2, call.Err("usage: kit WORD…\n")
}

func check(_ *plugin.Call, data struct{ Tool string }) (plugin.HookAnswer, error) {
	switch data.Tool {
	case "forbidden":
		return plugin.Veto("it is forbidden"), nil
	case "old":
		return plugin.Replace(map[string]string{"tool": "new"}), nil
	}
	return plugin.Continue(), nil
}

func (it *kit) connected(_ *plugin.Connection, settings struct{ Prefix string }) error {
	if settings.Prefix == "refuse" {
		return &plugin.Failure{Status: plugin.StatusInvalid, Message: "this prefix is refused"}
	}
	it.prefix = settings.Prefix
	return nil
}

// send passes every message that it sends back to the host.
func (it *kit) send(connection *plugin.Connection, message json.RawMessage) (map[string]string, error) {
	return map[string]string{"id": it.prefix + "1"}, connection.Receive(message)
}

type message struct {
	Role    string `json:"role"`
	Content string `json:"content"`
}

func models() ([]map[string]string, error) { return []map[string]string{{"id": "parrot"}}, nil }

func chat(call *plugin.Call, request struct{ Messages []message }) (message, error) {
	if len(request.Messages) == 0 {
		return message{}, errors.New("no message")
	}
	text := request.Messages[len(request.Messages)-1].Content
	return message{"assistant", text}, call.Delta(text)
}

func main() {}
