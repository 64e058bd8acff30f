package plugin

// #include "bridge.h"
import "C"

import (
	"context"
	"encoding/json"
)

// Kinds, for Host.Ask.
const (
	KindTool     = uint32(C.AISOPOD_KIND_TOOL)
	KindChannel  = uint32(C.AISOPOD_KIND_CHANNEL)
	KindProvider = uint32(C.AISOPOD_KIND_PROVIDER)
)

// Options of a capability. Spec is as in the header: for a tool the JSON Schema of its parameters. An empty one is none.
type Options struct {
	Name, Description, Spec string
}

type capability struct {
	Options
	kind, flags uint32
	invoke      func(*Call) ([]byte, error)
	cancel      func(invocation uint64)
}

func (setup *Setup) add(kind uint32, options Options, invoke func(*Call) ([]byte, error)) *capability {
	setup.capabilities = append(setup.capabilities, capability{Options: options, kind: kind, invoke: invoke})
	return &setup.capabilities[len(setup.capabilities)-1]
}

//export aisopodGoInvoke
func aisopodGoInvoke(handle C.uintptr_t, index C.uint32_t, request *C.aisopod_request, reply *C.aisopod_reply) C.int32_t {
	setup := setupOf(handle)
	return answered(reply, func() ([]byte, error) { return setup.capabilities[index].invoke(callOf(setup.Host, request)) })
}

//export aisopodGoCancel
func aisopodGoCancel(handle C.uintptr_t, index C.uint32_t, invocation C.uint64_t) {
	if cancel := setupOf(handle).capabilities[index].cancel; cancel != nil {
		cancel(uint64(invocation))
	}
}

func requireMethod(call *Call, method string) error {
	if call.Method != method {
		return &Failure{StatusUnsupported, "unknown method " + call.Method}
	}
	return nil
}

func run[P, R any](call *Call, handler func(*Call, P) (R, error)) ([]byte, error) {
	var given P
	if err := json.Unmarshal(call.Input, &given); err != nil {
		return nil, &Failure{StatusInvalid, "the parameters do not fit: " + err.Error()}
	}
	result, err := handler(call, given)
	if err != nil {
		return nil, err
	}
	return json.Marshal(result)
}

// Tool registers a tool. Parameters and result are JSON for the host.
func Tool[P, R any](setup *Setup, options Options, handler func(*Call, P) (R, error)) {
	setup.add(C.AISOPOD_KIND_TOOL, options, func(call *Call) ([]byte, error) {
		if err := requireMethod(call, "call"); err != nil {
			return nil, err
		}
		return run(call, handler)
	})
}

// AsyncTool registers a tool whose handler runs on a goroutine, which ends before shutdown returns. The host can call the plugin meanwhile.
func AsyncTool[P, R any](setup *Setup, options Options, handler func(*Call, P) (R, error)) {
	setup.add(C.AISOPOD_KIND_TOOL, options, func(call *Call) ([]byte, error) {
		if err := requireMethod(call, "call"); err != nil {
			return nil, err
		}
		call.Host.Go(func(context.Context) {
			call.complete(recovered(func() ([]byte, error) { return run(call, handler) }))
		})
		return nil, errPending
	})
}

// Command registers a command. The handler prints with call.Out and call.Err, and returns the exit code.
func Command(setup *Setup, options Options, handler func(call *Call, args []string) (uint8, error)) {
	setup.add(C.AISOPOD_KIND_COMMAND, options, func(call *Call) ([]byte, error) {
		if err := requireMethod(call, "run"); err != nil {
			return nil, err
		}
		var input struct{ Argv []string }
		if err := json.Unmarshal(call.Input, &input); err != nil {
			return nil, err
		}
		code, err := handler(call, input.Argv)
		if err != nil {
			return nil, err
		}
		return json.Marshal(map[string]uint8{"exitCode": code})
	})
}

// HookAnswer is what a hook answers. Hooks whose name begins with Before may replace and veto.
type HookAnswer struct {
	Action string `json:"action"`
	Value  any    `json:"value,omitempty"`
	Reason string `json:"reason,omitempty"`
}

func Continue() HookAnswer          { return HookAnswer{Action: "continue"} }
func Replace(value any) HookAnswer  { return HookAnswer{Action: "replace", Value: value} }
func Veto(reason string) HookAnswer { return HookAnswer{Action: "veto", Reason: reason} }

// Hook registers a handler of the hook that options.Name names.
func Hook[D any](setup *Setup, options Options, handler func(*Call, D) (HookAnswer, error)) {
	setup.add(C.AISOPOD_KIND_HOOK, options, func(call *Call) ([]byte, error) {
		if err := requireMethod(call, "handle"); err != nil {
			return nil, err
		}
		return run(call, handler)
	})
}

// Channel registers a channel. connected is called when the host connects: a service that receives messages by itself keeps the
// connection. send sends a message, and returns a receipt.
func Channel[S, M, R any](setup *Setup, options Options, connected func(*Connection, S) error, send func(*Connection, M) (R, error)) {
	now := &current{}
	added := setup.add(C.AISOPOD_KIND_CHANNEL, options, func(call *Call) ([]byte, error) {
		if call.Method == "start" {
			connection := &Connection{call}
			start := func(_ *Call, settings S) (any, error) { return nil, connected(connection, settings) }
			if _, err := run(call, start); err != nil {
				return nil, err
			}
			now.set(connection)
			return nil, errPending
		}
		if err := requireMethod(call, "send"); err != nil {
			return nil, err
		}
		connection := now.get()
		if connection == nil {
			return nil, &Failure{StatusState, "the channel is not connected"}
		}
		return run(call, func(_ *Call, message M) (R, error) { return send(connection, message) })
	})
	added.cancel = now.end
}

// Provider registers a provider. models lists its models; chat sends pieces with call.Delta, and returns the whole message.
func Provider[M, Q, R any](setup *Setup, options Options, models func() (M, error), chat func(*Call, Q) (R, error)) {
	setup.add(C.AISOPOD_KIND_PROVIDER, options, func(call *Call) ([]byte, error) {
		switch call.Method {
		case "models":
			return run(call, func(*Call, any) (M, error) { return models() })
		case "health":
			return []byte(`{"status":"ok"}`), nil
		}
		if err := requireMethod(call, "chat"); err != nil {
			return nil, err
		}
		return run(call, chat)
	})
}
