package plugin

// #include "bridge.h"
import "C"

import (
	"encoding/json"
	"errors"
	"sync"
	"time"
	"unsafe"
)

// errPending: the answer follows.
var errPending = errors.New("pending")

// Call is one invocation. It has copies of everything.
type Call struct {
	Method string
	// Input is JSON.
	Input json.RawMessage
	Host  *Host

	context []byte
	ticket  C.aisopod_ticket
}

func callOf(host *Host, request *C.aisopod_request) *Call {
	call := &Call{Method: C.GoString(request.method), Input: bytesAt(request.input, request.input_length), Host: host}
	call.ticket = C.aisopod_ticket_of(host.raw, request)
	if uintptr(request.size) >= unsafe.Sizeof(*request) { // a host whose header is older has no context
		call.context = bytesAt(unsafe.Pointer(request.context), request.context_length)
	}
	return call
}

// Invocation is the id of this call: the parent of calls that it makes.
func (call *Call) Invocation() uint64 { return uint64(call.ticket.invocation) }

// Context is a string of the call's context, such as "sessionKey"; empty if the host did not give it.
func (call *Call) Context(key string) string {
	members := map[string]any{}
	_ = json.Unmarshal(call.context, &members)
	text, _ := members[key].(string)
	return text
}

// Cancelled tells whether the work should stop (rule 17).
func (call *Call) Cancelled() bool { return C.aisopod_ticket_cancelled(&call.ticket) != 0 }

// Check is for loops: it fails once the work should stop.
func (call *Call) Check() error {
	if call.Cancelled() {
		return &Failure{StatusCancelled, "stopped on request"}
	}
	return nil
}

// Emit sends a part of the answer, and waits until there is room for it. It fails if nobody waits for it any more.
func (call *Call) Emit(value any) error { return call.emitJSON(C.AISOPOD_TAG_NONE, value) }

// Delta sends the next piece of text of a model's answer.
func (call *Call) Delta(text string) error {
	return call.emitJSON(C.AISOPOD_TAG_DELTA, map[string]string{"content": text})
}

// Out and Err print text of a command.
func (call *Call) Out(text string) error {
	return call.emit(C.AISOPOD_FORMAT_BYTES, C.AISOPOD_TAG_STDOUT, []byte(text))
}
func (call *Call) Err(text string) error {
	return call.emit(C.AISOPOD_FORMAT_BYTES, C.AISOPOD_TAG_STDERR, []byte(text))
}

// Progress reports how far the work is; a total of 0 is unknown. Without room the report is dropped: the next one replaces it.
func (call *Call) Progress(done, total uint64, message string) {
	report := map[string]any{"progress": done}
	if total > 0 {
		report["total"] = total
	}
	if message != "" {
		report["message"] = message
	}
	if text, err := json.Marshal(report); err == nil {
		C.aisopod_emit_as(call.ticket.host, call.ticket.invocation, C.AISOPOD_FORMAT_JSON, C.AISOPOD_TAG_PROGRESS, pointer(text), C.size_t(len(text)))
	}
}

func (call *Call) emitJSON(tag C.uint32_t, value any) error {
	text, err := json.Marshal(value)
	if err != nil {
		return err
	}
	return call.emit(C.AISOPOD_FORMAT_JSON, tag, text)
}

func (call *Call) emit(format, tag C.uint32_t, data []byte) error {
	for {
		status := C.aisopod_emit_as(call.ticket.host, call.ticket.invocation, format, tag, pointer(data), C.size_t(len(data)))
		if status > 0 {
			return nil
		}
		if status != C.AISOPOD_E_FULL {
			return &Failure{int32(status), "the host did not accept a chunk: the call has ended"}
		}
		for C.aisopod_ticket_has_room(&call.ticket) == 0 {
			if err := call.Check(); err != nil {
				return err
			}
			time.Sleep(time.Millisecond)
		}
		if err := call.Check(); err != nil {
			return err
		}
	}
}

func (call *Call) complete(text []byte, err error) {
	status := C.int32_t(C.AISOPOD_OK)
	if err != nil {
		failed, message := failureOf(err)
		status, text = C.int32_t(failed), []byte(message)
	}
	C.aisopod_complete(call.ticket.host, call.ticket.invocation, status, pointer(text), C.size_t(len(text)))
}

// Connection of a channel: passes messages that arrive on to the host, from any goroutine.
type Connection struct{ call *Call }

// Receive fails once the connection has ended.
func (connection *Connection) Receive(message any) error {
	return connection.call.emitJSON(C.AISOPOD_TAG_MESSAGE, message)
}

// Closed tells whether the host has disconnected.
func (connection *Connection) Closed() bool { return connection.call.Cancelled() }

// current is the one connection that a channel has at a time. The lock is free while a host function is called (rule 13).
type current struct {
	lock       sync.Mutex
	connection *Connection
}

func (current *current) get() *Connection {
	current.lock.Lock()
	defer current.lock.Unlock()
	return current.connection
}

func (current *current) set(connection *Connection) {
	current.lock.Lock()
	previous := current.connection
	current.connection = connection
	current.lock.Unlock()
	if previous != nil {
		previous.call.complete([]byte("null"), nil)
	}
	if connection.Closed() { // cancelled already
		current.end(connection.call.Invocation())
	}
}

func (current *current) end(invocation uint64) {
	current.lock.Lock()
	ended := current.connection
	if ended != nil && ended.call.Invocation() == invocation {
		current.connection = nil
	} else {
		ended = nil
	}
	current.lock.Unlock()
	if ended != nil {
		ended.call.complete([]byte("null"), nil)
	}
}
