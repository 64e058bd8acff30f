//! Plugins for aisopod hosts, in Zig 0.16. The contract is that of aisopod/plugin.h, whose rules the comments cite by number.
//!
//!     const aisopod = @import("aisopod");
//!
//!     const Weather = struct {
//!         pub const capabilities = .{
//!             aisopod.tool(.{ .name = "forecast", .spec = "{\"type\":\"object\",\"required\":[\"city\"]}" }, forecast),
//!         };
//!
//!         fn forecast(_: *Weather, _: *aisopod.Call, parameters: struct { city: []const u8 }) !struct { celsius: i32 } {
//!             if (parameters.city.len == 0) return error.NoCity;
//!             return .{ .celsius = -3 };
//!         }
//!     };
//!
//!     comptime {
//!         aisopod.exportPlugin(Weather, .{ .id = "weather" });
//!     }
//!
//! A handler takes parameters as a struct and returns a struct: both are JSON for the host. An error is a failure with its name as
//! the message; `call.fail` gives another status and message. Optional declarations of a plugin: `init`, `shutdown`, `reconfigure`.
//!
//! What this module prevents:
//! - 2, 6: the structs are generated from the same table as the host's, and the compiler checks each size and offset.
//! - 5: the input is a slice; answers of any size are returned.
//! - 15, 16: a handler returns its answer, on a thread of the plugin too (`threadedTool`), so a call is completed once.
//! - 10: those threads, and those of `Host.spawn`, are joined before shutdown returns.
//! - 18: `emit` waits for room. The handler of an inline tool gets a `Request`, which has no `emit`.
//! - 20: an error becomes a status. A panic cannot be caught in Zig: it ends the process, which is a child by default.

const std = @import("std");
pub const abi = @import("abi.zig");
pub const Host = @import("host.zig").Host;
pub const Stream = @import("host.zig").Stream;
pub const Stop = @import("host.zig").Stop;
pub const Request = @import("call.zig").Request;
pub const Call = @import("call.zig").Call;
pub const Connection = @import("channel.zig").Connection;
pub const Value = std.json.Value;

const kinds = @import("kinds.zig");
pub const Options = kinds.Options;
pub const HookAnswer = kinds.HookAnswer;
pub const tool = kinds.tool;
pub const inlineTool = kinds.inlineTool;
pub const threadedTool = kinds.threadedTool;
pub const command = kinds.command;
pub const hook = kinds.hook;
pub const channel = kinds.channel;
pub const provider = kinds.provider;

pub const Init = @import("plugin.zig").Init;
pub const exportPlugin = @import("plugin.zig").exportPlugin;

/// For the root file of a plugin: `pub const panic = aisopod.panic;`. It prints the message and aborts. The one of std is part of std.Io, and
/// brings functions that no plugin may call into the library: fork, chdir, sigaction.
pub const panic = std.debug.FullPanic(panicked);

fn panicked(message: []const u8, _: ?usize) noreturn {
    _ = std.c.write(2, message.ptr, message.len);
    _ = std.c.write(2, "\n", 1);
    std.c.abort();
}
