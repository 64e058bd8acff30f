//! Channels: the connection between `start` and its cancellation.

const abi = @import("abi.zig");
const host_module = @import("host.zig");
const json = @import("json.zig");

/// A connection: passes messages that arrive on to the host, from any thread.
pub const Connection = struct {
    stream: host_module.Stream,

    /// Fails once the connection has ended.
    pub fn receive(self: Connection, message: anytype) !void {
        const text = try json.write(host_module.allocator, message);
        defer host_module.allocator.free(text);
        try self.stream.emitAs(abi.FORMAT_JSON, abi.TAG_MESSAGE, text);
    }
    pub fn isClosed(self: Connection) bool {
        return self.stream.isCancelled();
    }
};

/// The one connection that a channel has at a time. The lock is free while a host function is called (rule 13).
pub const Current = struct {
    lock: host_module.Lock = .{},
    connection: ?Connection = null,

    pub fn get(self: *Current) ?Connection {
        self.lock.acquire();
        defer self.lock.release();
        return self.connection;
    }

    /// The start of a new connection, which may have been cancelled already.
    pub fn set(self: *Current, connection: Connection) void {
        self.lock.acquire();
        const previous = self.connection;
        self.connection = connection;
        self.lock.release();
        if (previous) |ended| ended.stream.complete(abi.OK, "null");
        if (connection.isClosed()) self.end(connection.stream.invocation);
    }

    /// Completes `start`. Called on any thread.
    pub fn end(self: *Current, invocation: u64) void {
        self.lock.acquire();
        const ended = self.connection;
        const is_current = ended != null and ended.?.stream.invocation == invocation;
        if (is_current) self.connection = null;
        self.lock.release();
        if (is_current) ended.?.stream.complete(abi.OK, "null");
    }
};
