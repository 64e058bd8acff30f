//! Uses everything that the module has.

const std = @import("std");
const aisopod = @import("aisopod");
const abi = aisopod.abi;

const any = "{\"type\":\"object\"}";

const Kit = struct {
    greeting: [64]u8 = undefined,
    greeting_length: usize = 0,
    data_dir: [4096]u8 = undefined,
    data_dir_length: usize = 0,
    prefix: [64]u8 = undefined,
    prefix_length: usize = 0,
    host: ?*aisopod.Host = null,

    pub const capabilities = .{
        aisopod.tool(.{ .name = "kit_echo", .spec = any }, echo),
        aisopod.tool(.{ .name = "kit_large", .spec = any }, large),
        aisopod.inlineTool(.{ .name = "kit_inline", .spec = any }, atOnce),
        aisopod.tool(.{ .name = "kit_values" }, values),
        aisopod.tool(.{ .name = "kit_config", .spec = any }, configuration),
        aisopod.tool(.{ .name = "kit_count", .spec = any }, count),
        aisopod.tool(.{ .name = "kit_throw", .spec = any }, throw),
        aisopod.threadedTool(.{ .name = "kit_later", .spec = any }, later),
        aisopod.command(.{ .name = "kit", .description = "Prints its words", .spec = "{\"usage\":\"kit WORD…\"}" }, print),
        aisopod.hook(.{ .name = "BeforeToolExecute", .spec = "{\"priority\":5}" }, check),
        aisopod.channel(.{ .name = "kit" }, connected, send),
        aisopod.provider(.{ .name = "kit" }, models, chat),
    };

    pub fn init(self: *Kit, given: *aisopod.Init) !void {
        self.configure(given);
        self.data_dir_length = given.data_dir.len;
        @memcpy(self.data_dir[0..given.data_dir.len], given.data_dir);
        self.host = given.host;
        const line = try std.fmt.allocPrint(given.arena, "kit-zig is ready for host {s}", .{given.host_version});
        given.host.log(.info, line);
        try given.host.spawn(background, .{self});
    }

    fn background(self: *Kit, stop: aisopod.Stop) void {
        while (stop.sleep(3_600_000)) {}
        self.host.?.log(.info, "the background task has ended");
    }

    pub fn shutdown(self: *Kit) !void {
        self.host.?.log(.info, "kit-zig is shut down");
    }

    pub fn reconfigure(self: *Kit, given: *aisopod.Init) !void {
        if (given.config.object.get("refuse") != null) return given.fail("this configuration is refused", .{});
        self.configure(given);
    }

    fn configure(self: *Kit, given: *aisopod.Init) void {
        const greeting = given.text("greeting") orelse "none";
        self.greeting_length = greeting.len;
        @memcpy(self.greeting[0..greeting.len], greeting);
    }

    fn echo(_: *Kit, _: *aisopod.Call, parameters: aisopod.Value) !aisopod.Value {
        return parameters;
    }

    fn large(_: *Kit, call: *aisopod.Call, parameters: struct { bytes: usize }) ![]const u8 {
        const text = try call.request.arena.alloc(u8, parameters.bytes);
        @memset(text, 'x');
        return text;
    }

    fn atOnce(_: *Kit, request: *aisopod.Request) !struct { session: []const u8 } {
        return .{ .session = request.context("sessionKey") orelse "" };
    }

    const Given = struct { text: []const u8, integer: i64, number: f64, boolean: bool, items: []const aisopod.Value };
    const Read = struct { text: []const u8, integer: i64, number: f64, boolean: bool, missing: i64, nothing: ?i64, items: []const aisopod.Value };
    fn values(_: *Kit, call: *aisopod.Call, given: aisopod.Value) !Read {
        // Members by hand, to say which one is wrong.
        if (given != .object) return call.fail(abi.E_INVALID, "parameters: expected an object", .{});
        if (given.object.get("text") == null or given.object.get("text").? != .string) return call.fail(abi.E_INVALID, "text: expected a string", .{});
        if (given.object.get("integer") == null or given.object.get("integer").? != .integer) return call.fail(abi.E_INVALID, "integer: expected an integer", .{});
        const read = try std.json.parseFromValueLeaky(Given, call.request.arena, given, .{});
        return .{ .text = read.text, .integer = read.integer, .number = read.number, .boolean = read.boolean, .missing = -1, .nothing = null, .items = read.items };
    }

    fn configuration(self: *Kit, _: *aisopod.Call) !struct { greeting: []const u8, dataDir: []const u8 } {
        return .{ .greeting = self.greeting[0..self.greeting_length], .dataDir = self.data_dir[0..self.data_dir_length] };
    }

    fn count(_: *Kit, call: *aisopod.Call, parameters: struct { count: u64 }) !u64 {
        for (0..parameters.count) |number| {
            try call.stream.check();
            try call.stream.emit(number);
        }
        try call.stream.progress(1, 2, "half");
        return parameters.count;
    }

    fn throw(_: *Kit, call: *aisopod.Call, parameters: struct { what: []const u8 }) !void {
        if (std.mem.eql(u8, parameters.what, "failure")) return call.fail(abi.E_NOT_FOUND, "there is none", .{});
        if (std.mem.eql(u8, parameters.what, "error")) return error.DiskFull;
        return call.fail(abi.E_FAILED, "{s}", .{parameters.what});
    }

    fn later(_: *Kit, call: *aisopod.Call, parameters: struct { fail: bool = false, forever: bool = false }) !struct { input: []const u8, session: []const u8 } {
        if (parameters.fail) return call.fail(abi.E_DENIED, "asked to fail", .{});
        if (parameters.forever) {
            try call.stream.emit("begun");
            while (true) try call.stream.check();
        }
        return .{ .input = call.request.input, .session = call.context("sessionKey") orelse "" };
    }

    fn print(_: *Kit, call: *aisopod.Call, args: []const []const u8) !u8 {
        for (args) |word| {
            try call.stream.out(word);
            try call.stream.out("\n");
        }
        if (args.len == 0) try call.stream.err("usage: kit WORD…\n");
        return if (args.len == 0) 2 else 0;
    }

    fn check(_: *Kit, _: *aisopod.Call, data: struct { tool: []const u8 = "" }) !aisopod.HookAnswer {
        if (std.mem.eql(u8, data.tool, "forbidden")) return .{ .veto = "it is forbidden" };
        if (std.mem.eql(u8, data.tool, "old")) return .{ .replace_with = "{\"tool\":\"new\"}" };
        return .proceed;
    }

    fn connected(self: *Kit, _: aisopod.Connection, call: *aisopod.Call, settings: struct { prefix: []const u8 = "" }) !void {
        if (std.mem.eql(u8, settings.prefix, "refuse")) return call.fail(abi.E_INVALID, "this prefix is refused", .{});
        self.prefix_length = settings.prefix.len;
        @memcpy(self.prefix[0..settings.prefix.len], settings.prefix);
    }

    /// Passes every message that it sends back to the host.
    fn send(self: *Kit, connection: aisopod.Connection, call: *aisopod.Call, message: aisopod.Value) !struct { id: []const u8 } {
        try connection.receive(message);
        return .{ .id = try std.fmt.allocPrint(call.request.arena, "{s}1", .{self.prefix[0..self.prefix_length]}) };
    }

    fn models(_: *Kit, _: *aisopod.Call) ![1]struct { id: []const u8 } {
        return .{.{ .id = "parrot" }};
    }

    const Message = struct { role: []const u8, content: []const u8 };
    fn chat(_: *Kit, call: *aisopod.Call, request: struct { messages: []const Message }) !Message {
        if (request.messages.len == 0) return call.fail(abi.E_INVALID, "messages: expected at least one", .{});
        const last = request.messages[request.messages.len - 1];
        try call.stream.delta(last.content);
        return .{ .role = "assistant", .content = last.content };
    }
};

/// Without what no plugin may call.
pub const panic = aisopod.panic;

comptime {
    aisopod.exportPlugin(Kit, .{ .id = "kit-zig", .thread_safe = true });
}
