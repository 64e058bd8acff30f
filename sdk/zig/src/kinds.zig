//! The kinds of capabilities. Each function makes a type that knows its options and handlers at compile time.

const std = @import("std");
const abi = @import("abi.zig");
const json = @import("json.zig");
const channel_module = @import("channel.zig");
const call_module = @import("call.zig");
const host_module = @import("host.zig");

const Call = call_module.Call;
const Request = call_module.Request;
const Connection = channel_module.Connection;

/// `spec` is as in the header: for a tool the JSON Schema of its parameters.
pub const Options = struct {
    name: [:0]const u8,
    description: [:0]const u8 = "",
    spec: [:0]const u8 = "",
};

/// JSON text in the arena of the call; null if the answer follows.
pub const Answer = ?[]const u8;

/// Calls `handler(plugin, call)`, or with a third parameter `handler(plugin, call, parameters)`, and writes its result as JSON.
fn answerOf(comptime handler: anytype, plugin: anytype, call: anytype, request: *Request) !Answer {
    const parameters = @typeInfo(@TypeOf(handler)).@"fn".params;
    const result = if (parameters.len == 2) try handler(plugin, call) else result: {
        const given = json.parse(parameters[2].type.?, request.arena, request.input) catch |err| {
            return request.fail(abi.E_INVALID, "the parameters do not fit: {s}", .{@errorName(err)});
        };
        break :result try handler(plugin, call, given);
    };
    return try json.write(request.arena, result);
}

fn requireMethod(call: *Call, method: []const u8) !void {
    if (!std.mem.eql(u8, call.request.method, method)) return call.fail(abi.E_UNSUPPORTED, "unknown method {s}", .{call.request.method});
}

/// A capability whose handler answers one method.
fn Simple(comptime capability_kind: u32, comptime capability_flags: u32, comptime given: Options, comptime method: []const u8, comptime handler: anytype) type {
    return struct {
        pub const kind = capability_kind;
        pub const flags = capability_flags;
        pub const options = given;
        pub const State = void;

        pub fn handle(plugin: anytype, _: *State, call: *Call) anyerror!Answer {
            try requireMethod(call, method);
            if (flags & abi.CAPABILITY_INLINE != 0) return answerOf(handler, plugin, &call.request, &call.request);
            return answerOf(handler, plugin, call, &call.request);
        }
    };
}

pub fn tool(comptime options: Options, comptime handler: anytype) type {
    return Simple(abi.KIND_TOOL, 0, options, "call", handler);
}

/// A tool that answers in microseconds, perhaps on the host's main thread. The handler must not block (rule 11).
pub fn inlineTool(comptime options: Options, comptime handler: anytype) type {
    return Simple(abi.KIND_TOOL, abi.CAPABILITY_INLINE, options, "call", handler);
}

/// A tool whose handler runs on a thread of the plugin, which is joined at shutdown. The host can call the plugin meanwhile.
pub fn threadedTool(comptime given: Options, comptime handler: anytype) type {
    return struct {
        pub const kind = abi.KIND_TOOL;
        pub const flags = 0;
        pub const options = given;
        pub const State = void;

        pub fn handle(plugin: anytype, _: *State, call: *Call) anyerror!Answer {
            try requireMethod(call, "call");
            const Work = WorkOf(@TypeOf(plugin), handler);
            const work = try Work.create(plugin, call.*);
            errdefer work.destroy();
            try call.stream.host.spawn(Work.run, .{work});
            return null;
        }
    };
}

fn WorkOf(comptime Plugin: type, comptime handler: anytype) type {
    return struct {
        const Work = @This();
        arena: std.heap.ArenaAllocator,
        plugin: Plugin,
        call: Call,

        fn create(plugin: Plugin, call: Call) !*Work {
            const work = try host_module.allocator.create(Work);
            work.arena = .init(host_module.allocator);
            errdefer work.destroy();
            work.plugin = plugin;
            work.call = .{ .request = try call.request.copy(work.arena.allocator()), .stream = call.stream };
            return work;
        }
        fn destroy(work: *Work) void {
            work.arena.deinit();
            host_module.allocator.destroy(work);
        }
        fn run(work: *Work, _: host_module.Stop) void {
            defer work.destroy();
            const answer = answerOf(handler, work.plugin, &work.call, &work.call.request) catch |err| {
                const failure = work.call.request.failureOf(err);
                return work.call.stream.complete(failure.status, failure.message orelse "out of memory");
            };
            work.call.stream.complete(abi.OK, answer.?);
        }
    };
}

/// A command. `handler(plugin, call, args)` returns the exit code; it prints with `call.stream.out` and `err`.
pub fn command(comptime given: Options, comptime handler: anytype) type {
    const Input = struct { argv: []const []const u8, cwd: []const u8 = "" };
    return struct {
        pub const kind = abi.KIND_COMMAND;
        pub const flags = 0;
        pub const options = given;
        pub const State = void;

        pub fn handle(plugin: anytype, _: *State, call: *Call) anyerror!Answer {
            try requireMethod(call, "run");
            const input = try json.parse(Input, call.request.arena, call.request.input);
            const exit_code: u8 = try handler(plugin, call, input.argv);
            return try json.write(call.request.arena, .{ .exitCode = exit_code });
        }
    };
}

/// What a hook answers. Hooks whose name begins with Before may replace and veto.
pub const HookAnswer = union(enum) {
    proceed,
    replace: std.json.Value,
    /// JSON text.
    replace_with: []const u8,
    veto: []const u8,

    pub fn jsonStringify(self: HookAnswer, to: anytype) !void {
        switch (self) {
            .proceed => try to.write(.{ .action = "continue" }),
            .replace => |value| try to.write(.{ .action = "replace", .value = value }),
            .replace_with => |text| try to.write(.{ .action = "replace", .value = Text{ .json = text } }),
            .veto => |reason| try to.write(.{ .action = "veto", .reason = reason }),
        }
    }
};

const Text = struct {
    json: []const u8,
    pub fn jsonStringify(self: Text, to: anytype) !void {
        try to.print("{s}", .{self.json});
    }
};

/// The handler returns a HookAnswer.
pub fn hook(comptime options: Options, comptime handler: anytype) type {
    return Simple(abi.KIND_HOOK, 0, options, "handle", handler);
}

/// A channel. `connected(plugin, connection, call, settings)` is called when the host connects: a service that receives messages by
/// itself keeps the connection. `send(plugin, connection, call, message)` sends a message, and returns a receipt. Settings and message are
/// structs, or `aisopod.Value`.
pub fn channel(comptime given: Options, comptime connected: anytype, comptime send: anytype) type {
    return struct {
        pub const kind = abi.KIND_CHANNEL;
        pub const flags = 0;
        pub const options = given;
        pub const State = channel_module.Current;

        pub fn handle(plugin: anytype, current: *State, call: *Call) anyerror!Answer {
            const arena = call.request.arena;
            if (std.mem.eql(u8, call.request.method, "start")) {
                const connection: Connection = .{ .stream = call.stream };
                try connected(plugin, connection, call, try json.parse(Last(connected), arena, call.request.input));
                current.set(connection);
                return null;
            }
            try requireMethod(call, "send");
            const connection = current.get() orelse return call.fail(abi.E_STATE, "the channel is not connected", .{});
            const message = try json.parse(Last(send), arena, call.request.input);
            return try json.write(arena, try send(plugin, connection, call, message));
        }
        pub fn cancel(current: *State, invocation: u64) void {
            current.end(invocation);
        }
    };
}

/// The type of the last parameter of a handler.
fn Last(comptime handler: anytype) type {
    const parameters = @typeInfo(@TypeOf(handler)).@"fn".params;
    return parameters[parameters.len - 1].type.?;
}

/// A provider. `models(plugin, call)` lists its models; `chat(plugin, call, request)` sends pieces with `call.stream.delta`, and returns
/// the whole message.
pub fn provider(comptime given: Options, comptime models: anytype, comptime chat: anytype) type {
    return struct {
        pub const kind = abi.KIND_PROVIDER;
        pub const flags = 0;
        pub const options = given;
        pub const State = void;

        pub fn handle(plugin: anytype, _: *State, call: *Call) anyerror!Answer {
            if (std.mem.eql(u8, call.request.method, "models")) return answerOf(models, plugin, call, &call.request);
            if (std.mem.eql(u8, call.request.method, "health")) return "{\"status\":\"ok\"}";
            try requireMethod(call, "chat");
            return answerOf(chat, plugin, call, &call.request);
        }
    };
}
