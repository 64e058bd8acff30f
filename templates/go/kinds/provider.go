// {{title}}: the provider {{capability}}. Its model repeats the last message: replace chat by your service.
package main

import (
	"errors"
	"strings"

	"aisopod/plugin"
)

type model struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type request struct {
	Messages []struct{ Content string }
}

type message struct {
	Role         string `json:"role"`
	Content      string `json:"content"`
	FinishReason string `json:"finishReason"`
}

func models() ([]model, error) { return []model{{"echo-1", "Echo"}}, nil }

func chat(call *plugin.Call, given request) (message, error) {
	if len(given.Messages) == 0 {
		return message{}, errors.New("messages: expected at least one")
	}
	text := given.Messages[len(given.Messages)-1].Content
	for _, piece := range strings.SplitAfter(text, " ") {
		if err := call.Delta(piece); err != nil {
			return message{}, err
		}
	}
	return message{"assistant", text, "stop"}, nil
}

func init() {
	plugin.Export("{{id}}", func(setup *plugin.Setup) {
		plugin.Provider(setup, plugin.Options{Name: "{{capability}}", Description: "Repeats the last message"}, models, chat)
	})
}

func main() {}
