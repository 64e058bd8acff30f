//! {{title}}: the command {{capability}}.

const aisopod = @import("aisopod");

const {{Class}} = struct {
    pub const capabilities = .{
        aisopod.command(.{ .name = "{{capability}}", .description = "Greets people", .spec = "{\"usage\":\"{{capability}} NAME...\"}" }, greet),
    };

    /// Returns the exit code.
    fn greet(_: *{{Class}}, call: *aisopod.Call, args: []const []const u8) !u8 {
        if (args.len == 0) {
            try call.stream.err("usage: {{capability}} NAME...\n");
            return 2;
        }
        for (args) |name| {
            try call.stream.out("Hello, ");
            try call.stream.out(name);
            try call.stream.out("!\n");
        }
        return 0;
    }
};

/// Without what no plugin may call.
pub const panic = aisopod.panic;

comptime {
    aisopod.exportPlugin({{Class}}, .{ .id = "{{id}}" });
}
