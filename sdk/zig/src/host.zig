//! The host, as a plugin sees it: log, threads that are joined at shutdown, and the lasting part of an invocation.

const std = @import("std");
const builtin = @import("builtin");
const abi = @import("abi.zig");
const json = @import("json.zig");

pub const allocator = std.heap.c_allocator;

pub fn sizeOf(comptime T: type) u32 {
    return @sizeOf(T);
}

/// For a few instructions at a time.
pub const Lock = struct {
    is_held: std.atomic.Value(bool) = .init(false),

    pub fn acquire(self: *Lock) void {
        while (self.is_held.swap(true, .acquire)) std.Thread.yield() catch {};
    }
    pub fn release(self: *Lock) void {
        self.is_held.store(false, .release);
    }
};

extern "kernel32" fn Sleep(milliseconds: u32) callconv(.winapi) void;

pub fn sleepMs(milliseconds: u32) void {
    if (builtin.os.tag == .windows) return Sleep(milliseconds);
    const time: std.c.timespec = .{ .sec = milliseconds / 1000, .nsec = @as(c_long, milliseconds % 1000) * 1_000_000 };
    _ = std.c.nanosleep(&time, null);
}

/// Tells a thread of the plugin when to end.
pub const Stop = struct {
    host: *Host,

    pub fn isRequested(self: Stop) bool {
        return self.host.is_stopping.load(.acquire);
    }
    /// Pauses, in steps of 5 ms. Returns false when the plugin shuts down.
    pub fn sleep(self: Stop, milliseconds: u32) bool {
        var left = milliseconds;
        while (left > 0 and !self.isRequested()) {
            const step = @min(left, 5);
            sleepMs(step);
            left -= step;
        }
        return !self.isRequested();
    }
};

/// One for each plugin; it lives as long as the plugin.
pub const Host = struct {
    /// Set by register_capabilities. Valid as long as the process (rule 19).
    raw: ?*const abi.Host = null,
    is_stopping: std.atomic.Value(bool) = .init(false),
    lock: Lock = .{},
    threads: std.ArrayListUnmanaged(*Running) = .empty,

    /// A thread of the plugin, until it is joined.
    const Running = struct { thread: std.Thread = undefined, has_ended: std.atomic.Value(bool) = .init(false) };

    pub const Level = enum(u32) { debug = abi.LOG_DEBUG, info = abi.LOG_INFO, warn = abi.LOG_WARN, @"error" = abi.LOG_ERROR };

    /// Writes a line to the host's log.
    pub fn log(self: *Host, level: Level, message: []const u8) void {
        const raw = self.raw orelse return;
        const record: abi.Log = .{ .size = sizeOf(abi.Log), .level = @intFromEnum(level), .message = @ptrCast(message.ptr), .message_length = message.len };
        _ = raw.log.?(raw.context, &record);
    }

    /// Runs `body(args ++ .{stop})` on a thread that is joined before shutdown returns (rule 10).
    pub fn spawn(self: *Host, comptime body: anytype, args: anytype) !void {
        const Thread = struct {
            fn run(running: *Running, given: @TypeOf(args), stop_request: Stop) void {
                defer running.has_ended.store(true, .release);
                @call(.auto, body, given ++ .{stop_request});
            }
        };
        const running = try allocator.create(Running);
        errdefer allocator.destroy(running);
        running.* = .{};
        self.lock.acquire();
        defer self.lock.release();
        if (self.is_stopping.load(.acquire)) return error.ShuttingDown;
        self.joinEnded();
        try self.threads.ensureUnusedCapacity(allocator, 1);
        running.thread = try std.Thread.spawn(.{}, Thread.run, .{ running, args, Stop{ .host = self } });
        self.threads.appendAssumeCapacity(running);
    }

    /// A thread that has ended keeps its stack until it is joined.
    fn joinEnded(self: *Host) void {
        var index: usize = 0;
        while (index < self.threads.items.len) {
            if (self.threads.items[index].has_ended.load(.acquire)) join(self.threads.swapRemove(index)) else index += 1;
        }
    }

    fn join(running: *Running) void {
        running.thread.join();
        allocator.destroy(running);
    }

    /// Joins every thread.
    pub fn stop(self: *Host) void {
        self.lock.acquire();
        self.is_stopping.store(true, .release);
        var threads = self.threads;
        self.threads = .empty;
        self.lock.release();
        for (threads.items) |running| join(running);
        threads.deinit(allocator);
    }
};

/// The part of an invocation that stays valid: its id, its words, and the way to send chunks.
pub const Stream = struct {
    host: *Host,
    invocation: u64,
    cancel: *const u32,
    room: *const u32,
    epoch: u32,

    pub fn of(host: *Host, request: *const abi.Request) Stream {
        return .{ .host = host, .invocation = request.invocation, .cancel = request.cancel.?, .room = request.room.?, .epoch = request.cancel_epoch };
    }

    /// Whether the work should stop (rule 17).
    pub fn isCancelled(self: Stream) bool {
        return @atomicLoad(u32, self.cancel, .acquire) != self.epoch;
    }

    /// For loops: fails once the work should stop.
    pub fn check(self: Stream) error{Cancelled}!void {
        if (self.isCancelled()) return error.Cancelled;
    }

    /// Sends a part of the answer, and waits until there is room for it. Fails if nobody waits for it any more.
    pub fn emit(self: Stream, value: anytype) !void {
        const text = try json.write(allocator, value);
        defer allocator.free(text);
        try self.emitAs(abi.FORMAT_JSON, abi.TAG_NONE, text);
    }

    /// Reports how far the work is. Without room the report is dropped: the next one replaces it.
    pub fn progress(self: Stream, done: u64, total: u64, message: []const u8) !void {
        const text = try json.write(allocator, .{ .progress = done, .total = total, .message = message });
        defer allocator.free(text);
        _ = self.tryEmit(abi.FORMAT_JSON, abi.TAG_PROGRESS, text);
    }

    /// The next piece of text of a model's answer.
    pub fn delta(self: Stream, text: []const u8) !void {
        const chunk = try json.write(allocator, .{ .content = text });
        defer allocator.free(chunk);
        try self.emitAs(abi.FORMAT_JSON, abi.TAG_DELTA, chunk);
    }

    /// Prints text to the standard output or error of a command.
    pub fn out(self: Stream, text: []const u8) !void {
        try self.emitAs(abi.FORMAT_BYTES, abi.TAG_STDOUT, text);
    }
    pub fn err(self: Stream, text: []const u8) !void {
        try self.emitAs(abi.FORMAT_BYTES, abi.TAG_STDERR, text);
    }

    pub fn emitAs(self: Stream, format: u32, tag: u32, data: []const u8) error{ Cancelled, CallHasEnded }!void {
        while (true) {
            const status = self.tryEmit(format, tag, data);
            if (status > 0) return;
            if (status != abi.E_FULL) return error.CallHasEnded;
            while (@atomicLoad(u32, self.room, .acquire) == 0) {
                try self.check();
                sleepMs(1);
            }
            try self.check();
        }
    }

    fn tryEmit(self: Stream, format: u32, tag: u32, data: []const u8) i32 {
        const raw = self.host.raw orelse return abi.E_CLOSED;
        const chunk: abi.Chunk = .{
            .size = sizeOf(abi.Chunk),
            .format = format,
            .invocation = self.invocation,
            .tag = tag,
            .reserved = 0,
            .data = data.ptr,
            .length = data.len,
        };
        return raw.emit.?(raw.context, &chunk);
    }

    pub fn complete(self: Stream, status: i32, data: []const u8) void {
        const raw = self.host.raw orelse return;
        const completion: abi.Completion = .{
            .size = sizeOf(abi.Completion),
            .status = status,
            .invocation = self.invocation,
            .format = abi.FORMAT_JSON,
            .reserved = 0,
            .data = data.ptr,
            .length = data.len,
        };
        _ = raw.complete.?(raw.context, &completion);
    }
};
