//! {{title}}: the provider {{capability}}. Its model repeats the last message: replace `chat` by your service.

const std = @import("std");
const aisopod = @import("aisopod");

const {{Class}} = struct {
    pub const capabilities = .{
        aisopod.provider(.{ .name = "{{capability}}", .description = "Repeats the last message" }, models, chat),
    };

    const Model = struct { id: []const u8, name: []const u8 };
    const Request = struct { messages: []const struct { content: []const u8 = "" } };
    const Message = struct { role: []const u8, content: []const u8, finishReason: []const u8 };

    fn models(_: *{{Class}}, _: *aisopod.Call) ![1]Model {
        return .{.{ .id = "echo-1", .name = "Echo" }};
    }

    fn chat(_: *{{Class}}, call: *aisopod.Call, request: Request) !Message {
        if (request.messages.len == 0) return call.fail(aisopod.abi.E_INVALID, "messages: expected at least one", .{});
        const text = request.messages[request.messages.len - 1].content;
        var start: usize = 0;
        while (start < text.len) { // in pieces, each up to a space
            const space = std.mem.indexOfScalarPos(u8, text, start, ' ') orelse text.len - 1;
            try call.stream.delta(text[start .. space + 1]);
            start = space + 1;
        }
        return .{ .role = "assistant", .content = text, .finishReason = "stop" };
    }
};

/// Without what no plugin may call.
pub const panic = aisopod.panic;

comptime {
    aisopod.exportPlugin({{Class}}, .{ .id = "{{id}}" });
}
