// {{title}}: the tool {{capability}}.
package main

import (
	"strings"

	"aisopod/plugin"
)

const schema = `{
  "type": "object",
  "properties": {
    "name": { "type": "string", "maxLength": 100, "description": "who is greeted" },
    "times": { "type": "integer", "minimum": 1, "maximum": 10, "default": 1, "description": "how often" }
  },
  "required": ["name"],
  "additionalProperties": false
}`

type parameters struct {
	Name  string
	Times *int
}

type answer struct {
	Greeting string `json:"greeting"`
}

// greet gets parameters that the host has checked against the schema. An error or a panic is a failure of this one call.
func greet(_ *plugin.Call, given parameters) (answer, error) {
	times := 1
	if given.Times != nil {
		times = *given.Times
	}
	greeting := "Hello, " + given.Name + "!"
	return answer{strings.TrimSuffix(strings.Repeat(greeting+" ", times), " ")}, nil
}

func init() {
	plugin.Export("{{id}}", func(setup *plugin.Setup) {
		plugin.Tool(setup, plugin.Options{Name: "{{capability}}", Description: "Greets someone", Spec: schema}, greet)
	})
}

func main() {}
