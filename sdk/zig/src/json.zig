//! JSON of Zig values, with std.json.

const std = @import("std");

pub fn write(allocator: std.mem.Allocator, value: anytype) error{OutOfMemory}![]u8 {
    if (@TypeOf(value) == void) return allocator.dupe(u8, "null");
    return std.json.Stringify.valueAlloc(allocator, value, .{});
}

/// What is parsed lives as long as the arena. Members that `T` does not have are left out.
pub fn parse(comptime T: type, arena: std.mem.Allocator, text: []const u8) !T {
    return std.json.parseFromSliceLeaky(T, arena, text, .{ .ignore_unknown_fields = true, .allocate = .alloc_always });
}
