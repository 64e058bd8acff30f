//! The tool `parse_csv`: {"text": "a,b\n1,2\n", "separator": ","} -> {"rows": [["a", "b"], ["1", "2"]]}.

const aisopod = @import("aisopod");
const csv = @import("csv.zig");

const parameters_schema =
    \\{
    \\  "type": "object",
    \\  "properties": {
    \\    "text": { "type": "string", "description": "the table; fields may be quoted" },
    \\    "separator": { "enum": [",", ";", "\t", "|"], "default": "," }
    \\  },
    \\  "required": ["text"],
    \\  "additionalProperties": false
    \\}
;

const ParseCsv = struct {
    pub const capabilities = .{
        aisopod.tool(.{ .name = "parse_csv", .description = "Reads a table in CSV", .spec = parameters_schema }, parse),
    };

    const Parameters = struct { text: []const u8, separator: []const u8 = "," };
    const Answer = struct { rows: []const []const []const u8 };

    fn parse(_: *ParseCsv, call: *aisopod.Call, parameters: Parameters) !Answer {
        if (parameters.separator.len != 1) return call.fail(aisopod.abi.E_INVALID, "separator: expected one character", .{});
        const rows = csv.parse(call.request.arena, parameters.text, parameters.separator[0]) catch |err| switch (err) {
            error.QuoteNotClosed => return call.fail(aisopod.abi.E_INVALID, "a quoted field is not closed", .{}),
            else => return err,
        };
        return .{ .rows = rows };
    }
};

/// Without what no plugin may call.
pub const panic = aisopod.panic;

comptime {
    aisopod.exportPlugin(ParseCsv, .{ .id = "parse-csv", .thread_safe = true });
}
