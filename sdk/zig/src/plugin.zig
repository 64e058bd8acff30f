//! A plugin and its exports.

const std = @import("std");
const abi = @import("abi.zig");
const json = @import("json.zig");
const call_module = @import("call.zig");
const host_module = @import("host.zig");

const Host = host_module.Host;
const sizeOf = host_module.sizeOf;
const bytesAt = call_module.bytesAt;

pub const PluginOptions = struct {
    id: [:0]const u8,
    /// Several threads may call the plugin at once (rule 11).
    thread_safe: bool = false,
};

/// The argument of `init` and `reconfigure`. It lives until they return.
pub const Init = struct {
    arena: std.mem.Allocator,
    config: std.json.Value,
    data_dir: []const u8,
    host_version: []const u8,
    host: *Host,
    failure: ?[]const u8 = null,

    /// A string of the configuration.
    pub fn text(self: Init, key: []const u8) ?[]const u8 {
        if (self.config != .object) return null;
        const value = self.config.object.get(key) orelse return null;
        return if (value == .string) value.string else null;
    }
    /// For `return init.fail("…", .{})`.
    pub fn fail(self: *Init, comptime message: []const u8, args: anytype) error{Failed} {
        self.failure = std.fmt.allocPrint(self.arena, message, args) catch null;
        return error.Failed;
    }
};

/// The memory of an answer that is larger than the lent buffer.
fn releaseOwned(argument: ?*anyopaque, owned: ?*const anyopaque) callconv(.c) void {
    const length: *usize = @ptrCast(@alignCast(argument.?));
    const bytes: [*]const u8 = @ptrCast(owned.?);
    host_module.allocator.free(bytes[0..length.*]);
    host_module.allocator.destroy(length);
}

fn reply_with(reply: *abi.Reply, text: []const u8) i32 {
    reply.length = text.len;
    if (text.len <= reply.capacity) {
        const buffer: [*]u8 = @ptrCast(reply.buffer.?);
        @memcpy(buffer[0..text.len], text);
        return abi.OK;
    }
    const length = host_module.allocator.create(usize) catch return fail(reply, abi.E_FAILED, "out of memory");
    length.* = text.len;
    const owned = host_module.allocator.dupe(u8, text) catch {
        host_module.allocator.destroy(length);
        return fail(reply, abi.E_FAILED, "out of memory");
    };
    reply.owned = owned.ptr;
    reply.release = releaseOwned;
    reply.release_argument = length;
    return abi.OK;
}

fn fail(reply: *abi.Reply, status: i32, message: []const u8) i32 {
    const length = @min(message.len, reply.capacity);
    const buffer: [*]u8 = @ptrCast(reply.buffer.?);
    @memcpy(buffer[0..length], message[0..length]);
    reply.length = length;
    return if (status < 0) status else abi.E_FAILED;
}

/// Everything that one loaded plugin needs.
fn Instance(comptime T: type, comptime options: PluginOptions) type {
    return struct {
        const Self = @This();
        raw: abi.Plugin,
        host: Host = .{},
        plugin: T,
        states: States = initial_states,

        /// The state of each capability: a channel has one.
        const States = std.meta.Tuple(&state_types);
        const state_types = blk: {
            var types: [T.capabilities.len]type = undefined;
            for (T.capabilities, 0..) |Capability, index| types[index] = Capability.State;
            break :blk types;
        };
        const initial_states: States = blk: {
            var states: States = undefined;
            for (T.capabilities, 0..) |Capability, index| states[index] = if (Capability.State == void) {} else .{};
            break :blk states;
        };

        fn of(self: ?*anyopaque) *Self {
            return @ptrCast(@alignCast(self.?));
        }

        fn create() callconv(.c) ?*const abi.Plugin {
            const self = host_module.allocator.create(Self) catch return null;
            self.* = .{ .plugin = .{}, .raw = .{
                .size = sizeOf(abi.Plugin),
                .flags = if (options.thread_safe) abi.PLUGIN_THREAD_SAFE else 0,
                .self = self,
                .id = options.id,
                .meta = null,
                .register_capabilities = registerCapabilities,
                .init = init,
                .shutdown = shutdown,
                .get_extension = getExtension,
            } };
            return &self.raw;
        }

        fn destroy(plugin: ?*const abi.Plugin) callconv(.c) void {
            host_module.allocator.destroy(of(plugin.?.self));
        }

        fn registerCapabilities(pointer: ?*anyopaque, host: ?*const abi.Host, reply: ?*abi.Reply) callconv(.c) i32 {
            of(pointer).host.raw = host;
            inline for (T.capabilities, 0..) |Capability, index| {
                const Entry = Entries(Capability, index);
                const capability: abi.Capability = .{
                    .size = sizeOf(abi.Capability),
                    .kind = Capability.kind,
                    .flags = Capability.flags,
                    .reserved = 0,
                    .name = Capability.options.name,
                    .description = orNull(Capability.options.description),
                    .spec = orNull(Capability.options.spec),
                    .data = pointer,
                    .invoke = Entry.invoke,
                    .cancel = if (@hasDecl(Capability, "cancel")) Entry.cancel else null,
                };
                const status = host.?.register_capability.?(host.?.context, &capability, reply);
                if (status < 0) return status;
            }
            return abi.OK;
        }

        fn orNull(text: [:0]const u8) ?[*:0]const u8 {
            return if (text.len == 0) null else text.ptr;
        }

        fn Entries(comptime Capability: type, comptime index: usize) type {
            return struct {
                fn invoke(data: ?*anyopaque, request: ?*const abi.Request, given: ?*abi.Reply) callconv(.c) i32 {
                    const self = of(data);
                    const reply = given.?;
                    var arena: std.heap.ArenaAllocator = .init(host_module.allocator);
                    defer arena.deinit();
                    var call: call_module.Call = .{ .request = .of(arena.allocator(), request.?), .stream = .of(&self.host, request.?) };
                    const answer = Capability.handle(&self.plugin, &self.states[index], &call) catch |err| {
                        const failure = call.request.failureOf(err);
                        return fail(reply, failure.status, failure.message orelse "out of memory");
                    };
                    return reply_with(reply, answer orelse return abi.PENDING);
                }
                fn cancel(data: ?*anyopaque, invocation: u64) callconv(.c) void {
                    Capability.cancel(&of(data).states[index], invocation);
                }
            };
        }

        /// Runs `body(plugin, init)`.
        fn withInit(pointer: ?*anyopaque, given: ?*const abi.Init, reply: ?*abi.Reply, comptime body: anytype) i32 {
            const self = of(pointer);
            var arena: std.heap.ArenaAllocator = .init(host_module.allocator);
            defer arena.deinit();
            const config = json.parse(std.json.Value, arena.allocator(), bytesAt(given.?.config, given.?.config_length)) catch |err| {
                return fail(reply.?, abi.E_INVALID, @errorName(err));
            };
            var argument: Init = .{
                .arena = arena.allocator(),
                .config = config,
                .data_dir = std.mem.span(given.?.data_dir.?),
                .host_version = std.mem.span(given.?.host_version.?),
                .host = &self.host,
            };
            body(&self.plugin, &argument) catch |err| return fail(reply.?, abi.E_FAILED, argument.failure orelse @errorName(err));
            return abi.OK;
        }

        fn init(pointer: ?*anyopaque, given: ?*const abi.Init, reply: ?*abi.Reply) callconv(.c) i32 {
            if (!@hasDecl(T, "init")) return abi.OK;
            const status = withInit(pointer, given, reply, T.init);
            if (status < 0) of(pointer).host.stop(); // shutdown is not called after a failed init
            return status;
        }

        fn shutdown(pointer: ?*anyopaque, reply: ?*abi.Reply) callconv(.c) i32 {
            const self = of(pointer);
            self.host.stop();
            if (@hasDecl(T, "shutdown")) T.shutdown(&self.plugin) catch |err| return fail(reply.?, abi.E_FAILED, @errorName(err));
            return abi.OK;
        }

        fn reconfigure(pointer: ?*anyopaque, given: ?*const abi.Init, reply: ?*abi.Reply) callconv(.c) i32 {
            return withInit(pointer, given, reply, T.reconfigure);
        }

        const reconfigure_extension: abi.Reconfigure = .{ .size = sizeOf(abi.Reconfigure), .reserved = 0, .reconfigure = reconfigure };

        fn getExtension(_: ?*anyopaque, id: ?[*:0]const u8) callconv(.c) ?*const anyopaque {
            if (!@hasDecl(T, "reconfigure")) return null;
            return if (std.mem.eql(u8, std.mem.span(id.?), abi.EXTENSION_RECONFIGURE)) &reconfigure_extension else null;
        }
    };
}

/// Data that the host reads from the file, before any code runs (rule 4).
const note: abi.Note = .{
    .size = sizeOf(abi.Note),
    .magic = abi.NOTE_MAGIC,
    .abi_version = abi.ABI_VERSION,
    .header_version = abi.HEADER_VERSION,
    .pointer_size = sizeOf(*anyopaque),
    .plugin_size = sizeOf(abi.Plugin),
    .host_size = sizeOf(abi.Host),
    .capability_size = sizeOf(abi.Capability),
    .request_size = sizeOf(abi.Request),
    .reply_size = sizeOf(abi.Reply),
    .meta_size = sizeOf(abi.Meta),
    .init_size = sizeOf(abi.Init),
    .log_size = sizeOf(abi.Log),
    .chunk_size = sizeOf(abi.Chunk),
    .completion_size = sizeOf(abi.Completion),
    .call_size = sizeOf(abi.Call),
};

fn abiVersion() callconv(.c) u32 {
    return abi.ABI_VERSION;
}

/// Defines the exports of a plugin. `T` has default values for all of its members: each load makes one.
pub fn exportPlugin(comptime T: type, comptime options: PluginOptions) void {
    const Plugin = Instance(T, options);
    @export(&note, .{ .name = "aisopod_plugin_note" });
    @export(&abiVersion, .{ .name = "aisopod_plugin_abi_version" });
    @export(&Plugin.create, .{ .name = "aisopod_plugin_create" });
    @export(&Plugin.destroy, .{ .name = "aisopod_plugin_destroy" });
}
