// Package plugin is for plugins of aisopod hosts. The contract is that of aisopod/plugin.h, whose rules the comments cite by number.
//
//	func init() {
//		plugin.Export("weather", func(setup *plugin.Setup) {
//			type parameters struct{ City string }
//			type answer struct {
//				Celsius int `json:"celsius"`
//			}
//			plugin.Tool(setup, plugin.Options{Name: "forecast"}, func(call *plugin.Call, given parameters) (answer, error) {
//				return answer{Celsius: -3}, nil
//			})
//		})
//	}
//
//	func main() {}
//
// Build it with go build -buildmode=c-shared.
//
// What this package prevents:
//   - 2, 6: the structs are those of the header.
//   - 5: answers of any size are returned.
//   - 14: a Call has copies of everything. C gets handles, no pointers into Go's memory.
//   - 15, 16: a handler returns its answer, on a goroutine too (AsyncTool), so a call is completed once.
//   - 10: those goroutines, and those of Host.Go, have ended before shutdown returns.
//   - 18: Emit waits for room.
//   - 20: an error or a panic becomes a status with its message.
//
// The Go runtime starts threads that never end, and installs signal handlers, which rule 9 forbids. Two plugins in Go in one process are
// two runtimes, each with its own. So a plugin in Go runs in a child process of its own, which is the default of hosts.
package plugin

// #cgo CFLAGS: -I${SRCDIR}/../../include -std=c99
// #include <stdlib.h>
// #include "bridge.h"
import "C"

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"runtime/cgo"
	"sync"
	"unsafe"
)

// Setup collects what one loaded plugin offers. The functions may be nil.
type Setup struct {
	// ThreadSafe: several threads may call the plugin at once (rule 11).
	ThreadSafe bool
	// Init is called once, before the first invocation. An error fails the plugin, and is the reason.
	Init func(*Init) error
	// Reconfigure applies a new configuration, or refuses it and keeps the old one.
	Reconfigure func(*Init) error
	// Shutdown is called once, after every goroutine of the plugin has ended.
	Shutdown func() error
	// Host is for log lines, goroutines and calls.
	Host *Host

	capabilities []capability
	data         []*C.aisopod_go_capability
}

// Init is the argument of Setup.Init.
type Init struct {
	// Config is JSON.
	Config json.RawMessage
	// DataDir is a folder for this plugin alone, which exists.
	DataDir     string
	HostVersion string
}

// Host is the host of one loaded plugin.
type Host struct {
	raw     *C.aisopod_host
	context context.Context
	stop    context.CancelFunc
	running sync.WaitGroup
}

// Level of a line of the log.
type Level uint32

const (
	Debug Level = C.AISOPOD_LOG_DEBUG
	Info  Level = C.AISOPOD_LOG_INFO
	Warn  Level = C.AISOPOD_LOG_WARN
	Error Level = C.AISOPOD_LOG_ERROR
)

// Log writes a line to the host's log.
func (host *Host) Log(level Level, message string) {
	if host.raw != nil {
		C.aisopod_go_log(host.raw, C.uint32_t(level), pointer([]byte(message)), C.size_t(len(message)))
	}
}

// Go runs a goroutine that ends before shutdown returns (rule 10): the context is cancelled then.
func (host *Host) Go(body func(context.Context)) {
	host.running.Add(1)
	go func() {
		defer host.running.Done()
		defer func() {
			if cause := recover(); cause != nil {
				host.Log(Error, fmt.Sprintf("the plugin panicked: %v", cause))
			}
		}()
		body(host.context)
	}()
}

// Ask calls a capability through the host, and waits for the answer. It is for goroutines: a handler that is not asynchronous must not wait
// for another invocation (rule 12). parent is the invocation that makes the call, or 0.
func (host *Host) Ask(kind uint32, name, method string, input []byte, parent uint64) ([]byte, error) {
	answer := make(chan reply, 1)
	waiting := cgo.NewHandle(answer)
	cName, cMethod := C.CString(name), C.CString(method)
	defer C.free(unsafe.Pointer(cName))
	defer C.free(unsafe.Pointer(cMethod))
	status := C.aisopod_go_ask(host.raw, C.uint32_t(kind), cName, cMethod, pointer(input), C.size_t(len(input)), C.uint64_t(parent), C.uintptr_t(waiting))
	if status != C.AISOPOD_PENDING {
		waiting.Delete()
		return nil, &Failure{Status: int32(status), Message: "the host refused the call"}
	}
	got := <-answer
	return got.data, got.err
}

type reply struct {
	data []byte
	err  error
}

//export aisopodGoAnswered
func aisopodGoAnswered(user C.uintptr_t, status C.int32_t, data unsafe.Pointer, length C.size_t) {
	waiting := cgo.Handle(user)
	answer := waiting.Value().(chan reply)
	waiting.Delete()
	text := bytesAt(data, length)
	if status > 0 {
		answer <- reply{data: text}
	} else {
		answer <- reply{err: &Failure{Status: int32(status), Message: string(text)}}
	}
}

// Failure is an error with a status of the header. Any other error counts as FAILED.
type Failure struct {
	Status  int32
	Message string
}

func (failure *Failure) Error() string { return failure.Message }

const (
	StatusFailed      = int32(C.AISOPOD_E_FAILED)
	StatusInvalid     = int32(C.AISOPOD_E_INVALID)
	StatusUnsupported = int32(C.AISOPOD_E_UNSUPPORTED)
	StatusCancelled   = int32(C.AISOPOD_E_CANCELLED)
	StatusBusy        = int32(C.AISOPOD_E_BUSY)
	StatusState       = int32(C.AISOPOD_E_STATE)
	StatusDenied      = int32(C.AISOPOD_E_DENIED)
	StatusNotFound    = int32(C.AISOPOD_E_NOT_FOUND)
)

// failureOf is the status and the message of an error. A failure always has a message.
func failureOf(err error) (int32, string) {
	message := err.Error()
	if message == "" {
		message = "failed without a reason"
	}
	var failure *Failure
	if errors.As(err, &failure) && failure.Status < 0 {
		return failure.Status, message
	}
	return StatusFailed, message
}

var exported struct {
	id    string
	setup func(*Setup)
}

// Export names the plugin, and the function that sets it up: it is called for each load. Call Export once, in init.
func Export(id string, setup func(*Setup)) {
	exported.id, exported.setup = id, setup
}

//export aisopodGoCreate
func aisopodGoCreate() (made unsafe.Pointer) {
	defer func() {
		if cause := recover(); cause != nil {
			println("the setup of the plugin panicked:", fmt.Sprint(cause))
			made = nil
		}
	}()
	setup := &Setup{Host: &Host{}}
	setup.Host.context, setup.Host.stop = context.WithCancel(context.Background())
	if exported.setup != nil {
		exported.setup(setup)
	}
	flags, isReconfigurable := C.uint32_t(0), C.int(0)
	if setup.ThreadSafe {
		flags = C.AISOPOD_PLUGIN_THREAD_SAFE
	}
	if setup.Reconfigure != nil {
		isReconfigurable = 1
	}
	return unsafe.Pointer(C.aisopod_go_plugin(C.uintptr_t(cgo.NewHandle(setup)), C.CString(exported.id), flags, isReconfigurable))
}

//export aisopodGoDestroy
func aisopodGoDestroy(plugin *C.aisopod_plugin) {
	handle := cgo.Handle(C.aisopod_go_handle(plugin))
	for _, data := range setupOf(C.uintptr_t(handle)).data {
		C.free(unsafe.Pointer(data))
	}
	handle.Delete()
	C.aisopod_go_free(plugin)
}

func setupOf(handle C.uintptr_t) *Setup { return cgo.Handle(handle).Value().(*Setup) }

//export aisopodGoRegister
func aisopodGoRegister(handle C.uintptr_t, host *C.aisopod_host, reply *C.aisopod_reply) C.int32_t {
	setup := setupOf(handle)
	setup.Host.raw = host
	for index, each := range setup.capabilities {
		data := (*C.aisopod_go_capability)(C.calloc(1, C.sizeof_aisopod_go_capability))
		data.plugin, data.index = handle, C.uint32_t(index)
		setup.data = append(setup.data, data)
		name, description, spec := C.CString(each.Name), C.CString(each.Description), C.CString(each.Spec)
		status := C.aisopod_go_register(host, C.uint32_t(each.kind), C.uint32_t(each.flags), name, description, spec, data, reply)
		for _, text := range []*C.char{name, description, spec} { // the host has copied them
			C.free(unsafe.Pointer(text))
		}
		if status < 0 {
			return status
		}
	}
	return C.AISOPOD_OK
}

//export aisopodGoInit
func aisopodGoInit(handle C.uintptr_t, init *C.aisopod_init, reply *C.aisopod_reply) C.int32_t {
	setup := setupOf(handle)
	status := withInit(setup.Init, init, reply)
	if status < 0 {
		setup.Host.end() // shutdown is not called after a failed init
	}
	return status
}

//export aisopodGoReconfigure
func aisopodGoReconfigure(handle C.uintptr_t, init *C.aisopod_init, reply *C.aisopod_reply) C.int32_t {
	return withInit(setupOf(handle).Reconfigure, init, reply)
}

//export aisopodGoShutdown
func aisopodGoShutdown(handle C.uintptr_t, reply *C.aisopod_reply) C.int32_t {
	setup := setupOf(handle)
	setup.Host.end()
	return answered(reply, func() ([]byte, error) {
		if setup.Shutdown == nil {
			return nil, nil
		}
		return nil, setup.Shutdown()
	})
}

func withInit(body func(*Init) error, init *C.aisopod_init, reply *C.aisopod_reply) C.int32_t {
	return answered(reply, func() ([]byte, error) {
		if body == nil {
			return nil, nil
		}
		config := bytesAt(unsafe.Pointer(init.config), init.config_length)
		return nil, body(&Init{Config: config, DataDir: C.GoString(init.data_dir), HostVersion: C.GoString(init.host_version)})
	})
}

func (host *Host) end() {
	host.stop()
	host.running.Wait()
}

// answered runs body and writes what it returns. A panic is a failure (rule 20).
func answered(reply *C.aisopod_reply, body func() ([]byte, error)) C.int32_t {
	json, err := recovered(body)
	if err == errPending {
		return C.AISOPOD_PENDING
	}
	if err != nil {
		status, message := failureOf(err)
		return C.aisopod_go_fail(reply, C.int32_t(status), pointer([]byte(message)), C.size_t(len(message)))
	}
	return C.aisopod_go_reply(reply, pointer(json), C.size_t(len(json)))
}

func recovered(body func() ([]byte, error)) (json []byte, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the plugin panicked: %v", cause)
		}
	}()
	return body()
}

// pointer to the bytes, for a C function that copies them before it returns.
func pointer(bytes []byte) unsafe.Pointer {
	if len(bytes) == 0 {
		return nil
	}
	return unsafe.Pointer(&bytes[0])
}

// bytesAt copies, because the host's memory is valid only until the call returns (rule 14).
func bytesAt(data unsafe.Pointer, length C.size_t) []byte {
	return C.GoBytes(data, C.int(length))
}
