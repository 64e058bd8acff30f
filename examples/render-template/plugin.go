// The tool render_template: {"template": "Hello, {{.name}}!", "data": {"name": "Ada"}} -> {"text": "Hello, Ada!"}.
package main

import (
	"errors"
	"strings"
	"text/template"

	"aisopod/plugin"
)

const schema = `{
  "type": "object",
  "properties": {
    "template": { "type": "string", "description": "a template of Go's package text/template" },
    "data": { "description": "what the template shows" }
  },
  "required": ["template"],
  "additionalProperties": false
}`

type parameters struct {
	Template string
	Data     any
}

type answer struct {
	Text string `json:"text"`
}

// A template can loop, so it runs on a goroutine, and writing stops when nobody waits any more.
func render(call *plugin.Call, given parameters) (answer, error) {
	parsed, err := template.New("template").Option("missingkey=error").Parse(given.Template)
	if err != nil {
		return answer{}, &plugin.Failure{Status: plugin.StatusInvalid, Message: err.Error()}
	}
	var text limited
	text.call = call
	if err := parsed.Execute(&text, given.Data); err != nil {
		return answer{}, err
	}
	return answer{text.String()}, nil
}

const maxBytes = 1 << 20

// limited is a text that stops growing.
type limited struct {
	strings.Builder
	call *plugin.Call
}

func (text *limited) Write(bytes []byte) (int, error) {
	if err := text.call.Check(); err != nil {
		return 0, err
	}
	if text.Len()+len(bytes) > maxBytes {
		return 0, errors.New("the text is larger than 1 MiB")
	}
	return text.Builder.Write(bytes)
}

func init() {
	plugin.Export("render-template", func(setup *plugin.Setup) {
		options := plugin.Options{Name: "render_template", Description: "Fills in a text template", Spec: schema}
		plugin.AsyncTool(setup, options, render)
	})
}

func main() {}
