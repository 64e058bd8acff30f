//! JSON of Zig values, with std.json.

const std = @import("std");

pub fn write(allocator: std.mem.Allocator, value: anytype) error{OutOfMemory}![]u8 {
    if (@TypeOf(value) == void) return allocator.dupe(u8, "null");
    return std.json.Stringify.valueAlloc(allocator, value, .{});
}

/// Of lists and objects in each other. std.json writes no more than 256, and panics.
const max_depth = 200;

fn isTooDeep(text: []const u8) bool {
    var depth: usize = 0;
    var in_string = false;
    var at: usize = 0;
    while (at < text.len) : (at += 1) {
        switch (text[at]) {
            '"' => in_string = !in_string,
            '\\' => if (in_string) {
                at += 1;
            },
            '[', '{' => if (!in_string) {
                depth += 1;
                if (depth > max_depth) return true;
            },
            ']', '}' => if (!in_string) {
                depth -|= 1;
            },
            else => {},
        }
    }
    return false;
}

/// What is parsed lives as long as the arena. Members that `T` does not have are left out.
pub fn parse(comptime T: type, arena: std.mem.Allocator, text: []const u8) !T {
    if (isTooDeep(text)) return error.NestedTooDeep;
    return std.json.parseFromSliceLeaky(T, arena, text, .{ .ignore_unknown_fields = true, .allocate = .alloc_always });
}
