// {{title}}: a handler of the hook {{capability}}.
package main

import (
	"strings"

	"aisopod/plugin"
)

// Only for the tool `shell`. If this handler fails, that counts as a veto.
const spec = `{"match": ["shell"], "failClosed": true}`

type data struct {
	Params struct{ Command string }
}

func check(_ *plugin.Call, given data) (plugin.HookAnswer, error) {
	if strings.Contains(given.Params.Command, "rm -rf") {
		return plugin.Veto("the command deletes whole folders"), nil
	}
	return plugin.Continue(), nil
}

func init() {
	plugin.Export("{{id}}", func(setup *plugin.Setup) {
		plugin.Hook(setup, plugin.Options{Name: "{{capability}}", Spec: spec}, check)
	})
}

func main() {}
