//! {{title}}: the tool {{capability}}.

const std = @import("std");
const aisopod = @import("aisopod");

const parameters_schema =
    \\{
    \\  "type": "object",
    \\  "properties": {
    \\    "name": { "type": "string", "maxLength": 100, "description": "who is greeted" },
    \\    "times": { "type": "integer", "minimum": 1, "maximum": 10, "default": 1, "description": "how often" }
    \\  },
    \\  "required": ["name"],
    \\  "additionalProperties": false
    \\}
;

const {{Class}} = struct {
    pub const capabilities = .{
        aisopod.tool(.{ .name = "{{capability}}", .description = "Greets someone", .spec = parameters_schema }, greet),
    };

    const Parameters = struct { name: []const u8, times: usize = 1 };
    const Answer = struct { greeting: []const u8 };

    /// The host has checked the parameters against the schema. An error is a failure of this one call.
    fn greet(_: *{{Class}}, call: *aisopod.Call, parameters: Parameters) !Answer {
        const arena = call.request.arena;
        const greeting = try std.fmt.allocPrint(arena, "Hello, {s}!", .{parameters.name});
        const all = try arena.alloc([]const u8, parameters.times);
        for (all) |*each| each.* = greeting;
        return .{ .greeting = try std.mem.join(arena, " ", all) };
    }
};

/// Without what no plugin may call.
pub const panic = aisopod.panic;

comptime {
    aisopod.exportPlugin({{Class}}, .{ .id = "{{id}}" });
}
