//! {{title}}: the channel {{capability}}. It sends each message back: replace `send` by your service.

const std = @import("std");
const aisopod = @import("aisopod");

const {{Class}} = struct {
    messages: u64 = 0,

    pub const capabilities = .{
        aisopod.channel(.{ .name = "{{capability}}", .description = "Sends each message back", .spec = "{\"label\":\"{{title}}\"}" }, connected, send),
    };

    /// A service that receives messages by itself keeps the connection.
    fn connected(_: *{{Class}}, _: aisopod.Connection, _: *aisopod.Call, _: struct {}) !void {}

    fn send(self: *{{Class}}, connection: aisopod.Connection, call: *aisopod.Call, message: struct { text: []const u8 = "" }) !struct { id: []const u8 } {
        self.messages += 1;
        const id = try std.fmt.allocPrint(call.request.arena, "{d}", .{self.messages});
        try connection.receive(.{ .id = id, .text = message.text, .sender = .{ .id = "echo" } });
        return .{ .id = id };
    }
};

/// Without what no plugin may call.
pub const panic = aisopod.panic;

comptime {
    aisopod.exportPlugin({{Class}}, .{ .id = "{{id}}" });
}
