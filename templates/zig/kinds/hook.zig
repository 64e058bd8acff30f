//! {{title}}: a handler of the hook {{capability}}.

const std = @import("std");
const aisopod = @import("aisopod");

/// Only for the tool `shell`. If this handler fails, that counts as a veto.
const spec = "{\"match\": [\"shell\"], \"failClosed\": true}";

const {{Class}} = struct {
    pub const capabilities = .{
        aisopod.hook(.{ .name = "{{capability}}", .spec = spec }, check),
    };

    const Data = struct { params: struct { command: []const u8 = "" } = .{} };

    fn check(_: *{{Class}}, _: *aisopod.Call, data: Data) !aisopod.HookAnswer {
        if (std.mem.indexOf(u8, data.params.command, "rm -rf") != null) return .{ .veto = "the command deletes whole folders" };
        return .proceed;
    }
};

/// Without what no plugin may call.
pub const panic = aisopod.panic;

comptime {
    aisopod.exportPlugin({{Class}}, .{ .id = "{{id}}" });
}
