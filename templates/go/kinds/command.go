// {{title}}: the command {{capability}}.
package main

import "aisopod/plugin"

// greet returns the exit code.
func greet(call *plugin.Call, args []string) (uint8, error) {
	if len(args) == 0 {
		return 2, call.Err("usage: {{capability}} NAME...\n")
	}
	for _, name := range args {
		if err := call.Out("Hello, " + name + "!\n"); err != nil {
			return 1, err
		}
	}
	return 0, nil
}

func init() {
	plugin.Export("{{id}}", func(setup *plugin.Setup) {
		options := plugin.Options{Name: "{{capability}}", Description: "Greets people", Spec: `{"usage":"{{capability}} NAME..."}`}
		plugin.Command(setup, options, greet)
	})
}

func main() {}
