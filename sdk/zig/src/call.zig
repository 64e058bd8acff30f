//! Invocations.

const std = @import("std");
const abi = @import("abi.zig");
const json = @import("json.zig");
const host_module = @import("host.zig");

const Host = host_module.Host;
const Stream = host_module.Stream;

/// An invocation of an inline tool.
pub const Request = struct {
    /// Freed when the handler has returned. What it returns is written before that.
    arena: std.mem.Allocator,
    method: []const u8,
    /// JSON text.
    input: []const u8,
    context_text: []const u8,
    failure: Failure = .{},

    const Failure = struct { status: i32 = abi.E_FAILED, message: ?[]const u8 = null };

    pub fn of(arena: std.mem.Allocator, raw: *const abi.Request) Request {
        // A host whose header is older has no context.
        const has_context = raw.size >= @sizeOf(abi.Request);
        return .{
            .arena = arena,
            .method = std.mem.span(raw.method.?),
            .input = bytesAt(raw.input, raw.input_length),
            .context_text = if (has_context) bytesAt(raw.context, raw.context_length) else "",
        };
    }

    /// The same with copies, which live as long as the arena.
    pub fn copy(self: Request, arena: std.mem.Allocator) !Request {
        return .{
            .arena = arena,
            .method = try arena.dupe(u8, self.method),
            .input = try arena.dupe(u8, self.input),
            .context_text = try arena.dupe(u8, self.context_text),
        };
    }

    /// A string of the call's context, such as "sessionKey".
    pub fn context(self: Request, key: []const u8) ?[]const u8 {
        const value = json.parse(std.json.Value, self.arena, self.context_text) catch return null;
        if (value != .object) return null;
        const member = value.object.get(key) orelse return null;
        return if (member == .string) member.string else null;
    }

    /// For `return call.fail(abi.E_NOT_FOUND, "no such city: {s}", .{city})`.
    pub fn fail(self: *Request, status: i32, comptime message: []const u8, args: anytype) error{Failed} {
        self.failure = .{ .status = status, .message = std.fmt.allocPrint(self.arena, message, args) catch null };
        return error.Failed;
    }

    /// The status and the message of an error of a handler.
    pub fn failureOf(self: Request, err: anyerror) Failure {
        if (self.failure.message) |message| return if (message.len > 0) self.failure else .{ .status = self.failure.status, .message = "failed without a reason" };
        return .{ .status = if (err == error.Cancelled) abi.E_CANCELLED else abi.E_FAILED, .message = @errorName(err) };
    }
};

pub fn bytesAt(data: ?*const anyopaque, length: usize) []const u8 {
    const bytes: [*]const u8 = @ptrCast(data orelse return "");
    return bytes[0..length];
}

/// An invocation of any other capability. It is also a `Stream`.
pub const Call = struct {
    request: Request,
    stream: Stream,

    pub fn fail(self: *Call, status: i32, comptime message: []const u8, args: anytype) error{Failed} {
        return self.request.fail(status, message, args);
    }
    pub fn context(self: Call, key: []const u8) ?[]const u8 {
        return self.request.context(key);
    }
};
